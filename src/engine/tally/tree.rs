//! Joins batches two by two, in a tree that their numbers alone decide: any cut of the paths into parts gives the same bits.
//!
//! ```text
//! level 2   0 ─────────────── 4 ─ ─          a node of level l that begins at a multiple of 2ˡ holds 2ˡ batches,
//! level 1   0 ───── 2 ─────── 4 ─────        fewer at the end
//! level 0   0 ── 1 ─ 2 ── 3 ─ 4 ── 5
//! ```
//!
//! A part that holds batches 3 to 5 hands over the nodes 3 and 4–5, each whole in the tree of all. Sums of floating-point numbers depend
//! on their order, and this order is the same whoever added them up.

use super::batch::Tally;

/// Consecutive batches of one group, joined: what each of its members came to.
#[derive(Clone, Debug)]
pub struct Node {
    pub level: u32,
    /// The first of its batches.
    pub first: u64,
    pub tallies: Vec<Tally>,
}

/// The nodes of consecutive batches that are not yet part of a larger one, in order.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// Adds the next node, and joins what is now whole.
    pub fn push(&mut self, node: Node) {
        self.nodes.push(node);
        self.join_whole();
    }

    /// Adds the next node member by member, of so many; what it is joined with takes each as it comes, so that no more than one
    /// member's sums stand beside the tree.
    pub fn push_member(&mut self, level: u32, first: u64, (member, members): (usize, usize), tally: Tally) {
        if member == 0 && self.partner(level, first).is_none() {
            self.nodes.push(Node { level, first, tallies: Vec::with_capacity(members) });
        }
        match self.partner(level, first) {
            Some(partner) => partner.tallies[member].append(tally),
            None => self.nodes.last_mut().expect("it was begun").tallies.push(tally),
        }
        if member + 1 == members {
            if let Some(partner) = self.partner(level, first) {
                partner.level += 1;
            }
            self.join_whole();
        }
    }

    /// The node that one of this level and place is joined with.
    fn partner(&mut self, level: u32, first: u64) -> Option<&mut Node> {
        self.nodes.last_mut().filter(|left| left.level == level && left.first < first && left.first.is_multiple_of(2 << level))
    }

    /// Joins neighbours that are two halves.
    fn join_whole(&mut self) {
        while let [.., left, right] = self.nodes.as_slice()
            && left.level == right.level
            && left.first.is_multiple_of(2 << left.level)
        {
            let right = self.nodes.pop().expect("two are there");
            let left = self.nodes.last_mut().expect("two are there");
            left.join(right);
            left.level += 1;
        }
    }

    /// Takes the nodes out.
    pub fn take(&mut self) -> Vec<Node> {
        std::mem::take(&mut self.nodes)
    }

    /// What all batches together came to, once the last is there; nothing without any.
    pub fn whole(mut self) -> Option<Vec<Tally>> {
        let mut last = self.nodes.pop()?;
        while let Some(mut left) = self.nodes.pop() {
            left.join(last);
            last = left;
        }
        Some(last.tallies)
    }
}

impl Node {
    /// The batches of the node that follows, behind these.
    fn join(&mut self, next: Node) {
        for (tally, next) in self.tallies.iter_mut().zip(next.tallies) {
            tally.append(next);
        }
    }
}
