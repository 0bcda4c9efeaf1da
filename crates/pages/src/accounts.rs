//! The list of users for administrators, and the account page with the access keys and tokens of a user.

use crate::Frame;
use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::messages::{Text, accounts as msg};
use crate::times::absolute;
use askama::Template;
use domain::model::ids::RepositoryId;
use domain::model::keys::Key;
use domain::model::repositories::Repository;
use domain::model::roles::Scope;
use domain::model::tokens::Token;
use domain::model::users::User;

/// The result of the last action, which the page shows after the redirect. It is in the query of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// An object was created.
    Created,
    /// A change was saved.
    Saved,
    /// An object was removed.
    Removed,
    /// A webhook message is queued for delivery.
    Queued,
    /// A user was created without an invitation, because the session may create none.
    NotInvited,
    /// A form was submitted again, and did nothing.
    Repeated,
}

impl Notice {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Created, "created"),
        (Self::Saved, "saved"),
        (Self::Removed, "removed"),
        (Self::Queued, "sent"),
        (Self::NotInvited, "not-invited"),
        (Self::Repeated, "repeated"),
    ];

    /// The value in the query.
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(notice, _)| *notice == self).map_or("", |(_, text)| text)
    }

    /// The notice of a value in the query.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == text).map(|(notice, _)| notice)
    }

    /// The text of the notice.
    pub const fn text(self) -> Text {
        match self {
            Self::Created => msg::NOTICE_CREATED,
            Self::Saved => msg::NOTICE_SAVED,
            Self::Removed => msg::NOTICE_REMOVED,
            Self::Queued => msg::NOTICE_QUEUED,
            Self::NotInvited => msg::NOTICE_NOT_INVITED,
            Self::Repeated => msg::NOTICE_REPEATED,
        }
    }
}

/// The list of users.
#[derive(Debug, Template)]
#[template(path = "administration.html")]
pub struct Administration<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// All users, by name.
    pub users: &'a [User],
    /// Whether users have passwords, and so invitations.
    pub passwords: bool,
    /// Whether the password is asked for, because the session expires.
    pub confirm: bool,
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

impl Administration<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn confirm_field(&self, form: &str) -> crate::Html {
        confirm_field(self.frame, self.submitted, self.confirm, form)
    }

    fn name_field(&self) -> crate::Html {
        let label = self.frame.text(msg::USERNAME);
        let name = TextInput {
            form: "user",
            name: "name",
            kind: "text",
            label,
            initial: "",
            hint: "",
            required: true,
        };
        text_input(self.frame, self.submitted, name)
    }

    fn password_field(&self) -> crate::Html {
        let hint = if self.passwords { msg::PASSWORD_HINT } else { msg::UNUSED_PASSWORD_HINT };
        let (label, hint) = (self.frame.text(msg::PASSWORD), self.frame.text(hint));
        let password = TextInput {
            form: "user",
            name: "password",
            kind: "password",
            label,
            initial: "",
            hint,
            required: false,
        };
        text_input(self.frame, self.submitted, password)
    }
}

/// The account page: access keys and tokens of the signed-in user, or of any user for administrators.
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub struct Account<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The address of the page.
    pub path: &'a str,
    /// The name of the user.
    pub name: &'a str,
    /// The user, if an administrator views the page and can change the user.
    pub user: Option<&'a User>,
    /// The access keys and tokens, or the reason why they are not shown.
    pub credentials: Result<(&'a [Key], &'a [Token]), Text>,
    /// Whether users have passwords, and so invitations.
    pub passwords: bool,
    /// Whether the password is asked for, because the session expires.
    pub confirm: bool,
    /// The repositories to choose from for a new token.
    pub repositories: &'a [Repository],
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

/// The lifetimes of a new token to choose from, in days.
const LIFETIME_DAYS: [i64; 4] = [7, 30, 90, 365];

impl Account<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn confirm_field(&self, form: &str) -> crate::Html {
        confirm_field(self.frame, self.submitted, self.confirm, form)
    }

    fn field(&self, form: &str, name: &str, kind: &str, label: Text, hint: Option<Text>) -> crate::Html {
        let (label, hint) =
            (self.frame.text(label), hint.map(|hint| self.frame.text(hint)).unwrap_or_default());
        let required = matches!((form, name), ("token", "name") | ("own", "password"));
        text_input(
            self.frame,
            self.submitted,
            TextInput { form, name, kind, label, initial: "", hint, required },
        )
    }

    fn scope(&self, scope: &Scope) -> &'static str {
        self.frame.text(match *scope {
            Scope::Feeds => msg::SCOPE_FEEDS,
            Scope::Read => msg::SCOPE_READ,
            Scope::Report => msg::SCOPE_REPORT,
            Scope::Full => msg::SCOPE_FULL,
        })
    }

    fn scopes(&self) -> [Scope; 4] {
        [Scope::Read, Scope::Report, Scope::Full, Scope::Feeds]
    }

    fn token_repositories(&self, token: &Token) -> String {
        match &token.repositories {
            None => self.frame.text(msg::ALL_REPOSITORIES).to_owned(),
            Some(only) => only.iter().map(|id| self.repository_name(*id)).collect::<Vec<_>>().join(", "),
        }
    }

    /// The path of a repository, with its id; only the id if the user cannot view it.
    fn repository_name(&self, id: RepositoryId) -> String {
        let known = self.repositories.iter().find(|repository| repository.id == id);
        known.map_or_else(|| id.to_string(), |repository| format!("{} ({id})", repository.path))
    }

    fn is_chosen(&self, repository: &Repository) -> bool {
        self.submitted.is_selected("token", "repositories", &repository.id.to_string(), false)
    }

    fn expiry(&self, token: &Token) -> String {
        token
            .expires_at
            .map_or_else(|| self.frame.text(msg::NEVER).to_owned(), |at| absolute(at, &self.frame.zone))
    }

    fn is_selected_lifetime(&self, days: &str) -> bool {
        self.submitted.is_selected("token", "life", days, days == "90")
    }
}

/// The field for the password of the signed-in user, in forms that give access beyond the end of the session.
pub(crate) fn confirm_field(
    frame: &Frame,
    submitted: &SubmittedForm,
    confirm: bool,
    form: &str,
) -> crate::Html {
    const NAME: &str = "current_password";
    if !confirm {
        return crate::Html::default();
    }
    let (label, hint) = (frame.text(msg::CONFIRM_PASSWORD), frame.text(msg::CONFIRM_HINT));
    let (attributes, error) = (submitted.error_attributes(form, NAME), submitted.error_html(form, NAME));
    crate::Html(format!(
        "<label class=\"field\"><span>{label}</span><input name=\"{NAME}\" type=\"password\" autocomplete=\"current-password\"{attributes}>{error}<span class=\"hint\">{hint}</span></label>"
    ))
}

/// A new secret, which is shown only once.
#[derive(Debug, Template)]
#[template(path = "secret.html")]
pub struct Secret<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The title of the page.
    pub title: &'a str,
    /// The secret and related values, each with its label.
    pub parts: &'a [(Text, &'a str)],
    /// Commands that use it, each with its label.
    pub commands: &'a [(Text, String)],
    /// The address to continue to.
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
    use domain::model::ids::{Hex32, UserId};
    use domain::model::tokens::TokenKind;

    fn user(name: &str, admin: bool, disabled: bool) -> User {
        User {
            id: UserId::new(7).unwrap(),
            uuid: Hex32::from_bytes([1; 16]),
            name: name.into(),
            admin,
            disabled,
            created_at: Timestamp::UNIX_EPOCH,
            group_rights: Vec::new(),
        }
    }

    #[test]
    fn a_rejected_form_keeps_its_values() {
        let submitted = SubmittedForm {
            form: "user".into(),
            values: vec![("name".into(), "am y".into()), ("admin".into(), "true".into())],
            error: Some(("name".into(), "no".into())),
        };
        let (frame, users) = (frame(), [user("amy", false, true), user("root", true, false)]);
        let page = Administration {
            frame: &frame,
            users: &users,
            passwords: true,
            confirm: false,
            submitted: &submitted,
            notice: Some(Notice::Created),
        };
        let html = page.html();
        assert!(html.contains("href=\"/administration/users/amy\"") && html.contains("Disabled"), "{html}");
        assert!(html.contains("value=\"am y\"") && html.contains("aria-invalid"), "{html}");
        assert!(html.contains("name=\"admin\" value=\"true\" checked"), "{html}");
        assert!(html.contains("role=\"status\">Created"), "{html}");
        assert_eq!(Notice::parse(Notice::Removed.as_str()), Some(Notice::Removed));
    }

    #[test]
    fn an_account_lists_its_credentials_and_asks_before_revoking() {
        let token = Token {
            id: 12,
            user_id: UserId::new(7).unwrap(),
            kind: TokenKind::Personal,
            name: "<ci>".into(),
            scope: Scope::Report,
            repositories: Some(vec![RepositoryId::new(5).unwrap(), RepositoryId::new(9).unwrap()]),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            identity_id: None,
            sign_in: None,
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
        let (frame, submitted) = (frame(), SubmittedForm::default());
        let render = |credentials| {
            Account {
                frame: &frame,
                path: "/account",
                name: "amy",
                user: None,
                credentials,
                passwords: true,
                confirm: false,
                repositories: &[],
                submitted: &submitted,
                notice: None,
            }
            .html()
        };
        let (keys, tokens) = ([key], [token]);
        let html = render(Ok((&keys[..], &tokens[..])));
        assert!(!html.contains("never-shown-here") && !html.contains("<ci>"), "{html}");
        assert!(
            html.contains("5, 9") && html.contains("Read and report") && html.contains("Never"),
            "{html}"
        );
        assert!(
            html.contains("action=\"/account/tokens/12/delete\"") && html.contains(">Revoke</button>"),
            "{html}"
        );
        assert!(html.contains("action=\"/account/keys/AKAKAKAKAKAKAKAKAKAK/delete\""), "{html}");
        assert!(html.contains("<option value=\"90\" selected"), "{html}");
        let narrow = render(Err(msg::SCOPE_TOO_NARROW));
        assert!(narrow.contains("too narrow") && !narrow.contains("/account/tokens"), "{narrow}");
    }

    #[test]
    fn a_session_that_expires_is_asked_for_the_password() {
        let (frame, submitted) = (frame(), SubmittedForm::default());
        let account = Account {
            frame: &frame,
            path: "/account",
            name: "amy",
            user: Some(&user("amy", false, false)),
            credentials: Ok((&[], &[])),
            passwords: true,
            confirm: true,
            repositories: &[],
            submitted: &submitted,
            notice: None,
        };
        assert_eq!(
            account.html().matches("name=\"current_password\"").count(),
            4,
            "user, invitation, token, key"
        );
        let lasting = Account { confirm: false, passwords: false, ..account };
        assert!(!lasting.html().contains("current_password"));
        assert!(!lasting.html().contains("/invitation\""), "no invitations without passwords");
    }

    #[test]
    fn a_secret_is_shown_with_related_values() {
        let frame = frame();
        let parts = [(msg::ACCESS_KEY, "AK1"), (msg::SECRET_KEY, "sk<1")];
        let html =
            Secret { frame: &frame, title: "t", parts: &parts, commands: &[], next: "/account" }.html();
        assert!(
            html.contains("<code>AK1</code>") && !html.contains("sk<1") && html.contains("href=\"/account\""),
            "{html}"
        );
    }
}
