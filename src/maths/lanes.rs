//! Computes exp, ln, sin and cos for whole lanes in plain `*` and `+`, bit-equal on every instruction set.
