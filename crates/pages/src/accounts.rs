//! Users for administrators, and the keys and tokens of one user.

use crate::Frame;
use crate::forms::{Sent, TextInput, text_input};
use crate::messages::{Text, accounts as w};
use crate::times::absolute;
use askama::Template;
use domain::model::keys::Key;
use domain::model::roles::Scope;
use domain::model::tokens::Token;
use domain::model::users::User;

/// What was done, as the address of the page that is shown then says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Something was made.
    Created,
    /// Something was changed.
    Saved,
    /// Something was taken away.
    Revoked,
    /// Something waits to be sent.
    Sent,
}

impl Notice {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Created, "created"),
        (Self::Saved, "saved"),
        (Self::Revoked, "removed"),
        (Self::Sent, "sent"),
    ];

    /// Its word in an address.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(notice, _)| *notice == self).map_or("", |(_, word)| word)
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(notice, _)| notice)
    }

    /// Its text.
    pub const fn text(self) -> Text {
        match self {
            Self::Created => w::NOTICE_CREATED,
            Self::Saved => w::NOTICE_SAVED,
            Self::Revoked => w::NOTICE_REVOKED,
            Self::Sent => w::NOTICE_SENT,
        }
    }
}

/// All users.
#[derive(Debug, Template)]
#[template(path = "administration.html")]
pub struct Administration<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// All of them, by name.
    pub users: &'a [User],
    /// A form that was refused.
    pub sent: &'a Sent,
    /// What was just done.
    pub notice: Option<Notice>,
}

impl Administration<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn name(&self) -> crate::Html {
        let label = self.frame.say(w::NAME);
        let name = TextInput {
            form: "user",
            name: "name",
            kind: "text",
            label,
            first: "",
            hint: "",
            required: true,
        };
        text_input(self.frame, self.sent, name)
    }

    fn password(&self) -> crate::Html {
        let (label, hint) = (self.frame.say(w::PASSWORD), self.frame.say(w::PASSWORD_HINT));
        let password = TextInput {
            form: "user",
            name: "password",
            kind: "password",
            label,
            first: "",
            hint,
            required: false,
        };
        text_input(self.frame, self.sent, password)
    }
}

/// One user's keys and tokens: one's own, or for an administrator anybody's.
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub struct Account<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The page's own address.
    pub path: &'a str,
    /// Whose it is.
    pub name: &'a str,
    /// The user, where an administrator looks and may change it.
    pub user: Option<&'a User>,
    /// Its keys and tokens, or why they are not shown.
    pub credentials: Result<(&'a [Key], &'a [Token]), Text>,
    /// A form that was refused.
    pub sent: &'a Sent,
    /// What was just done.
    pub notice: Option<Notice>,
}

/// Days that a new token may live, to choose from.
const LIVES: [i64; 4] = [7, 30, 90, 365];

impl Account<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn field(&self, form: &str, name: &str, kind: &str, label: Text, hint: Option<Text>) -> crate::Html {
        let (label, hint) =
            (self.frame.say(label), hint.map(|hint| self.frame.say(hint)).unwrap_or_default());
        let required = matches!((form, name), ("token", "name") | ("own", "password"));
        text_input(self.frame, self.sent, TextInput { form, name, kind, label, first: "", hint, required })
    }

    fn scope(&self, scope: &Scope) -> &'static str {
        self.frame.say(match *scope {
            Scope::Read => w::SCOPE_READ,
            Scope::Report => w::SCOPE_REPORT,
            Scope::Full => w::SCOPE_FULL,
        })
    }

    fn scopes(&self) -> [Scope; 3] {
        [Scope::Read, Scope::Report, Scope::Full]
    }

    fn only(&self, token: &Token) -> String {
        match &token.repositories {
            None => self.frame.say(w::ALL_REPOSITORIES).to_owned(),
            Some(only) => only.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
    }

    fn expiry(&self, token: &Token) -> String {
        token
            .expires_at
            .map_or_else(|| self.frame.say(w::NEVER).to_owned(), |at| absolute(at, &self.frame.zone))
    }

    fn is_life(&self, days: &str) -> bool {
        self.sent.is("token", "life", days, days == "90")
    }
}

/// A secret that was just made, shown this once.
#[derive(Debug, Template)]
#[template(path = "secret.html")]
pub struct Secret<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// What was made, and its name.
    pub title: &'a str,
    /// The secret with its label; and what goes with it.
    pub parts: &'a [(Text, &'a str)],
    /// Where to go on.
    pub next: &'a str,
}

impl Secret<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;
    use domain::Timestamp;
    use domain::model::ids::{Hex32, RepositoryId, UserId};
    use domain::model::tokens::TokenKind;

    fn user(name: &str, admin: bool, disabled: bool) -> User {
        User {
            id: UserId::new(7).unwrap(),
            uuid: Hex32::from_bytes([1; 16]),
            name: name.into(),
            admin,
            disabled,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_list_of_users_has_a_form_that_keeps_what_was_typed() {
        let sent = Sent {
            form: "user".into(),
            values: vec![("name".into(), "am y".into()), ("admin".into(), "true".into())],
            refused: Some(("name".into(), "no".into())),
        };
        let (frame, users) = (frame(), [user("amy", false, true), user("root", true, false)]);
        let page =
            Administration { frame: &frame, users: &users, sent: &sent, notice: Some(Notice::Created) };
        let html = page.html();
        assert!(html.contains("href=\"/administration/users/amy\"") && html.contains("Disabled"), "{html}");
        assert!(html.contains("value=\"am y\"") && html.contains("aria-invalid"), "{html}");
        assert!(html.contains("name=\"admin\" value=\"true\" checked"), "{html}");
        assert!(html.contains("role=\"status\">Created"), "{html}");
        assert_eq!(Notice::parse(Notice::Revoked.word()), Some(Notice::Revoked));
    }

    #[test]
    fn an_account_shows_its_credentials_and_asks_again_before_one_goes() {
        let token = Token {
            id: 12,
            user_id: UserId::new(7).unwrap(),
            kind: TokenKind::Personal,
            name: "<ci>".into(),
            scope: Scope::Report,
            repositories: Some(vec![RepositoryId::new(5).unwrap(), RepositoryId::new(9).unwrap()]),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
        };
        let key = Key {
            access: "AKAKAKAKAKAKAKAKAKAK".into(),
            secret: "never-shown-here".into(),
            user_id: UserId::new(7).unwrap(),
            description: Some("sdk".into()),
            disabled: false,
            created_at: Timestamp::UNIX_EPOCH,
            temporary: None,
        };
        let (frame, sent) = (frame(), Sent::default());
        let of = |credentials| {
            Account {
                frame: &frame,
                path: "/account",
                name: "amy",
                user: None,
                credentials,
                sent: &sent,
                notice: None,
            }
            .html()
        };
        let (keys, tokens) = ([key], [token]);
        let html = of(Ok((&keys[..], &tokens[..])));
        assert!(!html.contains("never-shown-here") && !html.contains("<ci>"), "{html}");
        assert!(
            html.contains("5, 9") && html.contains("Read and report") && html.contains("never"),
            "{html}"
        );
        assert!(
            html.contains("action=\"/account/tokens/12/delete\"") && html.contains("Yes, revoke it"),
            "{html}"
        );
        assert!(html.contains("action=\"/account/keys/AKAKAKAKAKAKAKAKAKAK/delete\""), "{html}");
        assert!(html.contains("<option value=\"90\" selected"), "{html}");
        let narrow = of(Err(w::NARROW));
        assert!(narrow.contains("too narrow") && !narrow.contains("/account/tokens"), "{narrow}");
    }

    #[test]
    fn a_secret_is_shown_with_what_goes_with_it() {
        let frame = frame();
        let parts = [(w::ACCESS, "AK1"), (w::SECRET, "sk<1")];
        let html = Secret { frame: &frame, title: "t", parts: &parts, next: "/account" }.html();
        assert!(
            html.contains("value=\"AK1\"") && !html.contains("sk<1") && html.contains("href=\"/account\""),
            "{html}"
        );
    }
}
