//! Counts what is found and keeps the place of the first, for a sentence that is said once.

/// How often something was found, and where first.
pub struct Count<P> {
    pub count: usize,
    pub first: Option<P>,
}

impl<P> Default for Count<P> {
    fn default() -> Self {
        Count { count: 0, first: None }
    }
}

impl<P> Count<P> {
    pub fn add(&mut self, place: impl FnOnce() -> P) {
        self.count += 1;
        self.first.get_or_insert_with(place);
    }

    pub fn told(&self) -> Option<(usize, &P)> {
        self.first.as_ref().map(|first| (self.count, first))
    }
}
