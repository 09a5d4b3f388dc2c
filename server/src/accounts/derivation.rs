//! Derives the keys of many passwords on all cores.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::password::{PasswordError, PasswordKeys};

/// Keys of each password, in the order given. `done` is told how many are finished, from several threads.
///
/// # Errors
/// One of the passwords cannot be used.
pub fn derive_all(
    passwords: &[&str],
    iterations: u32,
    done: &(dyn Fn(usize) + Sync),
) -> Result<Vec<PasswordKeys>, PasswordError> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut derived = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(password) = passwords.get(index) else { return Ok(derived) };
            derived.push((index, PasswordKeys::derive(password, iterations)?));
            done(finished.fetch_add(1, Ordering::Relaxed).saturating_add(1));
        }
    };
    let mut all = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::with_capacity(passwords.len());
        for worker in workers {
            match worker.join() {
                Ok(derived) => all.extend(derived?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(all)
    })?;
    all.sort_unstable_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, keys)| keys).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::derive_all;
    use crate::accounts::password::{Hash, PasswordError, check_password};
    use crate::accounts::{ScramCredentials, password};

    #[test]
    fn each_password_gets_its_own_keys_in_its_own_place() {
        let passwords: Vec<String> = (0..20).map(|number| format!("密码{number}")).collect();
        let texts: Vec<&str> = passwords.iter().map(String::as_str).collect();
        let most = AtomicUsize::new(0);
        let keys = derive_all(&texts, 1, &|done| {
            most.fetch_max(done, Ordering::Relaxed);
        });
        assert_eq!(most.into_inner(), 20);
        for (text, keys) in texts.iter().zip(keys.unwrap()) {
            let row = keys.rows().into_iter().find(|row| row.hash == Hash::Sha256.number()).unwrap();
            let stored = ScramCredentials {
                salt: row.salt,
                iterations: row.iterations,
                stored_key: row.stored_key,
                server_key: row.server_key,
                known: true,
            };
            assert!(check_password(text, Hash::Sha256, &stored), "{text}");
        }
    }

    #[test]
    fn one_unusable_password_fails_all() {
        assert_eq!(derive_all(&["a", "", "b"], 1, &|_| ()), Err(PasswordError::Empty));
        assert_eq!(password::check("\u{7}"), Err(PasswordError::Forbidden));
    }
}
