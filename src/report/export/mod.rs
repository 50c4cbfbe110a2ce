//! Writes the machine-readable files of a report: JSON, Parquet, CSV; a file per format.
