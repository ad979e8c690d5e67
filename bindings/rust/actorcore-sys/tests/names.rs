//! Every constant names, parses, prints and checks itself.

use actorcore_sys::*;

#[test]
fn a_constant_prints_as_its_name_and_parses_with_and_without_the_prefix() {
    assert_eq!(Bucket::POST_ADD.to_string(), "POST_ADD");
    assert_eq!("POST_ADD".parse(), Ok(Bucket::POST_ADD));
    assert_eq!("AC_BUCKET_POST_ADD".parse(), Ok(Bucket::POST_ADD));
    assert_eq!("post_add".parse::<Bucket>(), Err(UnknownName));
    assert_eq!("".parse::<Bucket>(), Err(UnknownName));
    assert_eq!(Status(AC_E_TIMEOUT).to_string(), "E_TIMEOUT");
}

#[test]
fn an_unknown_value_prints_as_a_number_and_is_not_valid() {
    assert_eq!(Bucket(9).to_string(), "9");
    assert!(!Bucket(9).is_valid());
    assert_eq!(Bucket(9).name(), None);
    assert!(Bucket::FLAT.is_valid());
}

#[test]
fn flags_combine() {
    let both = SpawnFlag(AC_SPAWN_STARTED | AC_SPAWN_STOPPED);
    assert_eq!(both.to_string(), "STARTED|STOPPED");
    assert_eq!("STARTED|AC_SPAWN_STOPPED".parse(), Ok(both));
    assert!(both.is_valid());
    assert!(!SpawnFlag(1 << 31).is_valid());
    assert_eq!(SpawnFlag(1 << 31 | 1).to_string(), "2147483649");
    assert_eq!(SpawnFlag(0).to_string(), "0");
    assert_eq!("0".parse(), Ok(SpawnFlag(0)));
    assert!(SpawnFlag(0).is_valid());
}

#[test]
fn every_status_has_the_librarys_name() {
    for &(name, status) in Status::ALL {
        let (mut theirs, mut meaning) = (ac_text::new(), ac_text::new());
        assert_eq!(unsafe { ac_status_text(status.0, &mut theirs, &mut meaning) }, AC_OK);
        let theirs = unsafe { std::slice::from_raw_parts(theirs.data, theirs.size as usize) };
        assert_eq!(theirs, format!("AC_{name}").as_bytes());
    }
}
