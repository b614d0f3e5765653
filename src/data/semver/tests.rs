//! Versions and constraints, with the answers of the real Helm.

use super::*;

#[test]
fn versions_are_read_leniently_and_strictly() {
    for (text, read) in [
        ("1", "1.0.0"),
        ("v1.2", "1.2.0"),
        ("01.2.3", "1.2.3"),
        ("1.2.3-rc.1+b.5", "1.2.3-rc.1+b.5"),
        ("1-a+b", "1.0.0-a+b"),
    ] {
        let version = Version::parse(text).unwrap();
        assert_eq!(version.to_string(), read);
        assert_eq!(version.original, text);
    }
    for (text, error) in [
        ("", "invalid semantic version"),
        ("1.2.3.4", "invalid semantic version"),
        ("1.2.3-", "invalid semantic version"),
        ("1.2.3 ", "invalid semantic version"),
        ("1.2.3-01", "version segment starts with 0"),
        (
            "99999999999999999999",
            "error parsing version segment: strconv.ParseUint: parsing \"99999999999999999999\": value out of range",
        ),
    ] {
        assert_eq!(Version::parse(text).unwrap_err().to_string(), error);
    }
    for (text, error) in [
        ("", "version string empty"),
        ("1.2", "invalid semantic version"),
        ("v1.2.3", "invalid characters in version"),
        ("01.2.3", "version segment starts with 0"),
        ("1.2.3+a_b", "invalid metadata string"),
        ("1.2.3-a_b", "invalid prerelease string"),
    ] {
        assert_eq!(Version::parse_strict(text).unwrap_err().to_string(), error);
    }
    assert_eq!(Version::parse_strict("1.2.3-a+b").unwrap().to_string(), "1.2.3-a+b");
}

#[test]
fn versions_have_their_order() {
    let sorted = [
        "1.2.3-1",
        "1.2.3-99",
        "1.2.3-100",
        "1.2.3-alpha",
        "1.2.3-alpha.1",
        "1.2.3-beta.2",
        "1.2.3-beta.11",
        "1.2.3",
        "1.10.0",
    ];
    for pair in sorted.windows(2) {
        let [a, b] = [0, 1].map(|i| Version::parse(pair[i]).unwrap());
        assert_eq!(a.compare(&b), Ordering::Less, "{a} {b}");
        assert_eq!(b.compare(&a), Ordering::Greater, "{b} {a}");
    }
    let equal = |a: &str, b: &str| Version::parse(a).unwrap().compare(&Version::parse(b).unwrap()).is_eq();
    assert!(equal("1.2.3+a", "1.2.3+b"));
}

#[test]
fn constraints_let_pass_what_masterminds_lets_pass() {
    let check = |c: &str, v: &str| Constraints::parse(c).unwrap().check(&Version::parse(v).unwrap());
    for (constraint, pass, fail) in [
        (">=1.19", &["1.19.0", "1.29.3+k3s1"][..], &["1.29.3-gke.1", "1.18.9"][..]),
        (">=1.19-0", &["1.29.3-gke.1", "1.19.0-rc.1"], &["1.18.0"]),
        ("<=1.2", &["1.2.9", "1.1.0"], &["1.3.0"]),
        (">1.2", &["1.3.0", "2.0.0"], &["1.2.9", "1.2.0"]),
        (">11", &["12.0.0"], &["11.9.0"]),
        ("1.2 - 1.4", &["1.2.0", "1.4.9"], &["1.1.9", "1.5.0"]),
        ("~1.2.3", &["1.2.9"], &["1.3.0", "1.2.2"]),
        ("~> 1", &["1.9.0"], &["2.0.0"]),
        ("^0.2.3", &["0.2.9"], &["0.3.0", "0.2.2"]),
        ("^0.0.3", &["0.0.3"], &["0.0.4"]),
        ("^0", &["0.9.0"], &["1.0.0"]),
        ("1.x || >=3 <4, !=3.1", &["1.7.0", "3.0.5"], &["2.0.0", "3.1.4", "4.0.0"]),
        ("*", &["0.0.1", "9.9.9"], &["1.0.0-a"]),
    ] {
        assert!(pass.iter().all(|v| check(constraint, v)), "{constraint} {pass:?}");
        assert!(!fail.iter().any(|v| check(constraint, v)), "{constraint} {fail:?}");
    }
}

#[test]
fn constraints_say_what_is_wrong() {
    for (text, error) in [
        ("", "improper constraint: \"\""),
        ("1.2 || ", "improper constraint: \" \""),
        ("1.2.3.4", "improper constraint: \"1.2.3.4\""),
        ("a\tb", "improper constraint: \"a\\tb\""),
        ("1|2", "constraint parser error"),
    ] {
        assert_eq!(Constraints::parse(text).unwrap_err().to_string(), error);
    }
    let reasons = |c: &str, v: &str| Constraints::parse(c).unwrap().validate(&Version::parse(v).unwrap());
    assert_eq!(reasons("^1.2", "1.3.0"), Ok(()));
    assert_eq!(
        reasons(">= 2 || <1.1", "1.3.0"),
        Err(vec![
            "\"1.3.0\" is less than \"2\"".into(),
            "\"1.3.0\" is greater than or equal to \"1.1\"".into()
        ])
    );
    assert_eq!(
        reasons(">1, <2", "1.3.0-a"),
        Err(vec![
            "\"1.3.0-a\" is a prerelease version and the constraint is only looking for release versions"
                .into()
        ])
    );
}
