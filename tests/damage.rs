//! Reads files that were damaged on the way: what a checksum tells is refused with its column and row.

use crate::files::case_folder;
use levertide::inputs::{self, programme};

#[test]
fn a_page_that_is_not_what_its_checksum_says_is_refused_with_its_column_and_row() {
    let folder = case_folder("parquet-checksums");
    let path = folder.path().join("positions.parquet");
    let sound = std::fs::read(&path).expect("it is there");
    // the quantity 20,000 stands in rows 2 and 3, the first and the second part of the file
    let bytes = 20_000_i64.to_le_bytes();
    let places: Vec<usize> = (0..sound.len() - 8).filter(|at| sound[*at..at + 8] == bytes).collect();
    assert_eq!(places.len(), 2);
    for (at, row) in places.into_iter().zip([1, 3]) {
        let mut damaged = sound.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, &damaged).expect("it is written");
        let programme = programme::load(&folder.path().join("p.toml"), &programme::Overrides::default());
        let programme = programme.unwrap_or_else(|problems| panic!("{problems}"));
        let said = inputs::load(&programme).expect_err("the page is damaged");
        let problem = said.iter().next().expect("a problem");
        assert!(problem.what.contains("page 1 is not what its checksum says"), "{said}");
        assert_eq!((problem.place.file.as_str(), problem.place.line), ("positions.parquet", Some(row)), "{said}");
        assert!(said.to_string().contains("quantity"), "{said}");
    }
}
