//! Many people at one open link at the same moment: as many come in as it was made for, whatever the order.

use std::collections::HashMap;

use futures::future::join_all;
use headroom::{
    ids::LinkId,
    links::{self, NewLink, State},
    members::{self, Actor, Email},
    shoots,
};
use serde_json::json;

use super::{alone::open_to_all, joining::link, open, press};
use crate::app::{Caller, LINKS, TestApp};

#[tokio::test]
async fn a_link_for_fifty_admits_fifty_of_two_hundred_at_once() {
    let app = TestApp::start().await;
    let (made, path) = link(&app, &json!({ "limit": 50, "domains": ["acme.test"] })).await;
    let emails: Vec<String> = (0..200).map(|nth| format!("p{nth}@acme.test")).collect();
    let asked = join_all(emails.iter().map(|email| {
        let (app, path) = (&app, &path);
        async move { app.submit(&Caller::Nobody, path, &[("email", email)]).await.status.as_u16() }
    }));
    assert!(asked.await.iter().all(|status| *status == 200));
    app.run_jobs().await;
    let tokens: HashMap<String, String> = app
        .outbox()
        .into_iter()
        .filter_map(|mail| {
            let token = mail.text?.split("/auth/link/").nth(1)?.split_whitespace().next()?.to_owned();
            Some((mail.to.to_string(), token))
        })
        .collect();
    assert_eq!(tokens.len(), 200);
    let shown = join_all(tokens.values().map(|token| open(&app, &Caller::Nobody, token))).await;

    let pressed =
        join_all(tokens.values().zip(&shown).map(|(token, shown)| press(&app, &Caller::Nobody, token, shown, &[])))
            .await;

    let inside = pressed.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(inside, 50);
    for answer in pressed.iter().filter(|answer| answer.status != 303) {
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("This invite link is used up"), "{}", answer.text());
    }
    let listed = app.get(&app.lead, LINKS).await.ok()["links"][0].clone();
    assert_eq!((&listed["uses"], &listed["status"]), (&json!(50), &json!("used-up")));
    let id: LinkId = made["id"].as_str().unwrap().parse().unwrap();
    let joined = app.db.read(|view| links::who_joined(view, &id, 1000)).unwrap();
    let members = app.db.read(|view| members::count(view, &app.organization, &members::Filter::default())).unwrap();
    assert_eq!((joined.len(), members), (50, 51), "and the owner");
}

/// The same where half of them have headshots of their own, which go with the button: each who comes too late keeps theirs.
#[tokio::test]
async fn a_link_for_fifty_converts_no_more_than_it_admits() {
    let app = open_to_all().await;
    let (made, path) = link(&app, &json!({ "limit": 50 })).await;
    let emails: Vec<String> = (0..200).map(|nth| format!("p{nth}@home.test")).collect();
    for email in emails.iter().skip(100) {
        let email: Email = email.parse().unwrap();
        let begun = app.db.write(move |tx| {
            let account = members::account_for(tx, &email)?;
            let member = shoots::begin_alone(tx, &account, 1)?;
            Ok(shoots::latest(tx, &member.id)?.expect("a shoot").id)
        });
        crate::studio::pack(&app, &begun.await.unwrap()).await;
    }
    join_all(emails.iter().map(|email| super::joining::asked(&app, &path, email))).await;
    app.run_jobs().await;
    let tokens: HashMap<String, String> = emails.iter().map(|email| (email.clone(), app.token_for(email))).collect();
    // Those with headshots sign in first, which admits nobody yet.
    let mut alone = HashMap::new();
    for email in emails.iter().skip(100) {
        let shown = open(&app, &Caller::Nobody, &tokens[email]).await;
        let entered = press(&app, &Caller::Nobody, &tokens[email], &shown, &[]).await;
        assert_eq!(entered.redirects(), "/team-member/convert");
        alone.insert(email.clone(), super::signed_in(&entered));
    }
    let shown = join_all(emails.iter().take(100).map(|email| open(&app, &Caller::Nobody, &tokens[email]))).await;

    let statuses = join_all(emails.iter().enumerate().map(|(nth, email)| {
        let (app, alone, tokens, shown) = (&app, &alone, &tokens, &shown);
        async move {
            let answer = match alone.get(email) {
                Some(browser) => app.submit(browser, "/team-member/convert", &[]).await,
                None => press(app, &Caller::Nobody, &tokens[email], &shown[nth], &[]).await,
            };
            (email, answer.status.as_u16(), answer.text())
        }
    }))
    .await;

    let inside: Vec<&String> =
        statuses.iter().filter(|(_, status, _)| *status == 303).map(|(email, ..)| *email).collect();
    assert_eq!(inside.len(), 50);
    for (email, status, text) in statuses.iter().filter(|(_, status, _)| *status != 303) {
        assert!(text.contains("This invite link is used up"), "{email}: {status} {text}");
    }
    let id: LinkId = made["id"].as_str().unwrap().parse().unwrap();
    app.db
        .read(|view| {
            assert_eq!(links::get(view, &id)?.uses, 50);
            for email in emails.iter().skip(100) {
                let account = members::account_by_email(view, &email.parse()?)?.expect("an account");
                let member = members::of_account(view, &account.id)?.expect("a place");
                let joined = inside.contains(&email);
                assert_eq!(member.organization == app.organization, joined, "{email}");
                assert_eq!(shoots::own_models(view, &member)?.len(), usize::from(!joined), "{email}");
            }
            Ok(())
        })
        .unwrap();
}

/// 64 callers, some of them the same person twice, for limits nobody chose: no place is given twice, none is left while someone
/// waits, and nobody takes two.
#[tokio::test]
async fn whatever_the_limit_it_is_kept_under_64_callers() {
    let app = TestApp::start().await;
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    for round in 0..12 {
        let (limit, people) = (u32::try_from(random(80)).unwrap() + 1, random(64) + 1);
        let callers: Vec<Email> =
            (0..64).map(|_| format!("r{round}-{}@acme.test", random(people)).parse().unwrap()).collect();
        let by = Actor::operator(app.organization.clone());
        let new = NewLink { limit: Some(limit), ..NewLink::default() };
        let link = app.db.write(move |tx| links::create(tx, &by, &new)).await.unwrap();

        let answers = join_all(callers.iter().cloned().map(|email| {
            let (app, id) = (&app, link.id.clone());
            async move { app.db.write(move |tx| links::accept(tx, &id, &email)).await.is_ok() }
        }))
        .await;

        let mut distinct = callers.clone();
        distinct.sort();
        distinct.dedup();
        let places = distinct.len().min(limit as usize);
        let (after, joined) =
            app.db.read(|view| Ok((links::get(view, &link.id)?, links::who_joined(view, &link.id, 1000)?))).unwrap();
        assert_eq!((after.uses as usize, joined.len()), (places, places), "round {round}: limit {limit}");
        assert_eq!(after.state(app.db.clock().now()) == State::UsedUp, places == limit as usize);
        let inside: Vec<&Email> = joined.iter().filter_map(|one| one.email.as_ref()).collect();
        for (email, admitted) in callers.iter().zip(answers) {
            assert_eq!(inside.contains(&email), admitted, "round {round}: {email}");
        }
    }
}

/// Should the code ever miscount, the database refuses.
#[tokio::test]
async fn the_database_itself_admits_no_more() {
    let app = TestApp::start().await;
    let (full, _) = link(&app, &json!({ "limit": 1 })).await;
    let (gone, _) = link(&app, &json!({})).await;
    app.delete(&app.lead, &format!("{LINKS}/{}", gone["id"].as_str().unwrap())).await.ok();
    for (link, uses) in [(&full, 2), (&gone, 1)] {
        let id = link["id"].as_str().unwrap().to_owned();
        let written = app.db.write(move |tx| {
            for _ in 0..uses {
                tx.execute("insert into link_uses (link_id, created_at) values (?1, ?2)", (&id, tx.now))?;
            }
            Ok(())
        });
        assert!(written.await.is_err());
    }
}
