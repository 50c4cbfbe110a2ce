//! Starts worker threads: as many as were asked for, or as many as the system allows.
//!
//! A limit on processes (`ulimit -u`, a container's) refuses threads beyond it. Fewer threads change the time a run takes and
//! no figure, so half as many are tried until they start; the thread that asks can always do the work alone.

use rayon::{ThreadPool, ThreadPoolBuilder};

/// A pool of `asked` threads, or one a core; fewer where the system refuses.
pub fn pool(asked: Option<usize>) -> ThreadPool {
    let mut threads = asked.unwrap_or(0);
    loop {
        let builder = ThreadPoolBuilder::new().num_threads(threads);
        match builder.build() {
            Ok(pool) => return pool,
            Err(_) if threads == 0 => threads = std::thread::available_parallelism().map_or(1, usize::from),
            Err(_) if threads > 1 => threads /= 2,
            Err(_) => break,
        }
    }
    let alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    alone.expect("the thread that asks is no worker of a pool yet, and needs no further thread")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_threads_start_as_are_asked_for() {
        assert_eq!(pool(Some(3)).current_num_threads(), 3);
        assert!(pool(None).current_num_threads() >= 1);
    }
}
