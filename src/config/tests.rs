use super::*;

fn with(settings: &[(&'static str, &str)]) -> Result<Config> {
    let mut values: BTreeMap<&'static str, String> = keys().map(|key| (key.name, key.default.to_owned())).collect();
    values.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
    Config::from_values(values)
}

#[test]
fn the_defaults_are_valid() {
    let config = with(&[]).unwrap();
    assert_eq!(config.http.listen.port(), 8080);
    assert_eq!(config.webhooks.schedule.len(), 4);
    assert_eq!(config.generator.dev_shoot, Duration::from_secs(180));
    assert_eq!(config.generator.driver, Driver::Studio);
    assert_eq!(config.studio.memory, 512 * 1024 * 1024);
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let refused = resolve("lisen", &Value::from("x")).unwrap_err().to_string();
    assert_eq!(refused, "Unknown setting \"lisen\". Did you mean \"listen\"?");
}

#[test]
fn a_wrong_value_is_refused_with_an_example() {
    for (name, value) in [
        ("listen", "8080"),
        ("base_url", "example.com"),
        ("rate_limit", "-1"),
        ("dev_shoot", "soon"),
        ("log_format", "xml"),
        ("signup", "yes"),
        ("dns", "dns.example.com"),
        ("metrics_listen", "9464"),
        ("generator", "camera"),
        ("studio_memory", "lots"),
        ("upload_memory", "100"),
        ("studio_time", "0s"),
        ("studio_priority", "19"),
        ("backup_every", "daily"),
        ("backup_every", "10s"),
        ("backup_keep", "forever"),
        ("storage", "photos"),
        ("storage", "s3:headshots"),
    ] {
        let refused = with(&[(name, value)]).unwrap_err().to_string();
        assert!(refused.contains(name) && refused.contains("an example that works"), "{refused}");
    }
}

#[test]
fn photos_are_in_the_data_directory_unless_it_is_said_otherwise() {
    assert_eq!(with(&[("data", "/srv")]).unwrap().photos, Location::Directory("/srv/photos".into()));
    assert_eq!(with(&[("storage", "/mnt/faces")]).unwrap().photos, Location::Directory("/mnt/faces".into()));
    let bucket = Location::Bucket { name: "headshots".to_owned(), prefix: "acme".to_owned() };
    assert_eq!(with(&[("storage", "s3://headshots/acme")]).unwrap().photos, bucket);
}

#[test]
fn printing_hides_secrets() {
    let config = with(&[("smtp_url", "smtp://me:hunter2@mail.test:25")]).unwrap();
    assert_eq!(config.printed()["smtp_url"], "********");
    assert!(!format!("{:?}", config.mail).contains("hunter2"));
}

#[test]
fn the_example_file_names_every_key_and_changes_nothing() {
    let example = Config::example();
    assert!(keys().all(|key| example.contains(&format!("# {} = ", key.name))));
    assert!(example.lines().all(|line| line.is_empty() || line.starts_with('#')));
}
