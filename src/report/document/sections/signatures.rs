//! Leaves room for reviewers to sign.

use super::{Section, Story};
use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Table, words};
use crate::report::document::sections;

pub const SECTION: Section = Section { slug: "signatures", title: Words("Review and approval", "复核与签批"), write: blocks };

const HEAD_ROLE_OF: Words = Words("Role", "角色");
const HEAD_SIGN_NAME: Words = Words("Name", "姓名");
const HEAD_DECISION: Words = Words("Decision", "意见");
const HEAD_DATE: Words = Words("Date", "日期");
const HEAD_SIGNATURE: Words = Words("Signature", "签字");
const SIGN_TEXT: Words = Words(
    "By signing, each reviewer confirms having read the limitations in section “{section}”.",
    "签字人确认已阅读“{section}”一节所述局限。",
);
const SIGN_CAPTION: Words = Words("Signatures", "签字");
const SIGN_PREPARED: Words = Words("Prepared by", "编制");
const SIGN_CHALLENGE: Words = Words("Independent challenge", "独立复核");
const SIGN_APPROVED: Words = Words("Approved by", "批准");

fn blocks(story: &Story<'_>) -> Vec<Block> {
    let (text, report) = (&story.context.text, story.context.report());
    let row = |role: Words, name: &Option<String>| -> Vec<Cell> {
        vec![text.get(role).into(), name.clone().unwrap_or_default().into(), "".into(), "".into(), "".into()]
    };
    let rows = vec![row(SIGN_PREPARED, &report.owner), row(SIGN_CHALLENGE, &None), row(SIGN_APPROVED, &report.approver)];
    let columns = vec![
        words(text.get(HEAD_ROLE_OF), 3),
        words(text.get(HEAD_SIGN_NAME), 3),
        words(text.get(HEAD_DECISION), 3),
        words(text.get(HEAD_DATE), 2),
        words(text.get(HEAD_SIGNATURE), 4),
    ];
    vec![
        Block::paragraph(text.fill(SIGN_TEXT, &[("section", sections::title(text, "model"))])),
        Block::Table(Table { caption: text.get(SIGN_CAPTION).into(), columns, rows, tall: true, ..Table::default() }),
    ]
}
