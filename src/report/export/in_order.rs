//! Does jobs side by side on several threads, and takes their results in the order of the jobs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::{panic, thread};

/// Does every job of `jobs` with `work` on so many threads; `take` has the results on this one, in order, until it fails.
///
/// Jobs are drawn when a thread is free, on a thread of their own.
pub fn in_order<J: Send, R: Send, E>(
    jobs: impl Iterator<Item = J> + Send,
    threads: usize,
    work: impl Fn(J) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let work = &work;
    thread::scope(|scope| {
        let (ask, asked) = mpsc::sync_channel::<(usize, J)>(0);
        let (give, given) = mpsc::sync_channel::<(usize, R)>(threads);
        let asked = Arc::new(Mutex::new(asked));
        let mut hands = Vec::new();
        for _ in 0..threads.max(1) {
            let (asked, give) = (Arc::clone(&asked), give.clone());
            hands.push(scope.spawn(move || {
                loop {
                    let next = asked.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, job)) = next else { return };
                    if give.send((number, work(job))).is_err() {
                        return;
                    }
                }
            }));
        }
        // the threads alone hold the ends of the channels: when they are gone, nobody waits
        drop((asked, give));
        hands.push(scope.spawn(move || {
            for job in jobs.enumerate() {
                if ask.send(job).is_err() {
                    return;
                }
            }
        }));
        let taken = take_all(&given, &mut take);
        drop(given);
        for hand in hands {
            hand.join().unwrap_or_else(|cause| panic::resume_unwind(cause));
        }
        taken
    })
}

fn take_all<R, E>(given: &mpsc::Receiver<(usize, R)>, take: &mut impl FnMut(R) -> Result<(), E>) -> Result<(), E> {
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    for (number, result) in given {
        waiting.insert(number, result);
        while let Some(result) = waiting.remove(&next) {
            take(result)?;
            next += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn results_come_in_the_order_of_the_jobs_on_any_number_of_threads() {
        for threads in [0, 1, 3, 20] {
            let slow_first = |job: u64| {
                thread::sleep(Duration::from_millis(if job.is_multiple_of(3) { 5 } else { 0 }));
                job * 2
            };
            let mut seen = Vec::new();
            let done: Result<(), ()> = in_order(0..10, threads, slow_first, |result| {
                seen.push(result);
                Ok(())
            });
            assert_eq!((done, seen), (Ok(()), (0..10).map(|job| job * 2).collect()));
        }
    }

    #[test]
    fn a_result_that_is_not_taken_ends_the_work() {
        let refused = in_order(0..1_000_000_u32, 3, |job| job, |result| if result == 7 { Err(result) } else { Ok(()) });
        assert_eq!(refused, Err(7));
    }

    #[test]
    fn a_job_that_fails_fails_the_whole() {
        let fails = || in_order(0..10, 2, |job| assert!(job != 4, "the fourth"), |()| Ok::<(), ()>(()));
        let cause = panic::catch_unwind(fails).unwrap_err();
        assert!(cause.downcast_ref::<String>().is_some_and(|text| text.contains("the fourth")) || cause.downcast_ref::<&str>().is_some());
    }
}
