//! Forms that were refused: what was typed, and what is wrong beside its field.

use crate::{Frame, Html, escape};

/// A form as it was sent and refused. Of a page with several it is one; the others are as they were.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Which form of its page.
    pub form: String,
    /// What was typed.
    pub values: Vec<(String, String)>,
    /// The field that was refused, and why; a field of no name is the whole form.
    pub refused: Option<(String, String)>,
}

impl Sent {
    /// What was typed into a field of a form; else what stands there at first. A password is never given back.
    pub fn value<'a>(&'a self, form: &str, field: &str, first: &'a str) -> &'a str {
        if self.form != form {
            return first;
        }
        self.values.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }

    /// Whether a box was ticked, or the value chosen; else whether it is at first.
    pub fn is(&self, form: &str, field: &str, value: &str, first: bool) -> bool {
        if self.form != form {
            return first;
        }
        self.values.iter().any(|(name, sent)| name == field && sent == value)
    }

    /// Why a field was refused.
    pub fn wrong(&self, form: &str, field: &str) -> Option<&str> {
        let (refused, why) = self.refused.as_ref().filter(|_| self.form == form)?;
        (refused == field).then_some(why)
    }

    /// Why a field was refused, as it stands beside the field. The page opens there: it may be long.
    pub fn why(&self, form: &str, field: &str) -> Html {
        let Some(why) = self.wrong(form, field) else { return Html::default() };
        Html(format!(
            "<span class=\"wrong\" id=\"{}\" role=\"alert\" tabindex=\"-1\" autofocus>{}</span>",
            escape(&id(form, field)),
            escape(why)
        ))
    }

    /// What ties a field to the words beside it, for who does not see them.
    pub fn tied(&self, form: &str, field: &str) -> Html {
        if self.wrong(form, field).is_none() {
            return Html::default();
        }
        Html(format!(" aria-invalid=\"true\" autofocus aria-describedby=\"{}\"", escape(&id(form, field))))
    }

    /// Whether a folded form is shown open: it was just refused.
    pub fn open(&self, form: &str) -> Html {
        Html(if self.form == form && self.refused.is_some() { " open".into() } else { String::new() })
    }
}

fn id(form: &str, field: &str) -> String {
    format!("wrong-{form}-{field}")
}

/// A line of text that a person types: its label, the field, and why it was refused.
#[derive(Debug, Clone, Copy)]
pub struct TextInput<'a> {
    /// Of which form.
    pub form: &'a str,
    /// Its name.
    pub name: &'a str,
    /// `text`, `password`, `url`, `number`.
    pub kind: &'a str,
    /// What it is called.
    pub label: &'a str,
    /// What stands there at first.
    pub first: &'a str,
    /// A word of help below, or nothing.
    pub hint: &'a str,
    /// It must be there.
    pub required: bool,
}

/// A [`Line`] as HTML.
pub fn text_input(_: &Frame, sent: &Sent, line: TextInput<'_>) -> Html {
    let TextInput { form, name, kind, label, first, hint, required } = line;
    let value = if kind == "password" { "" } else { sent.value(form, name, first) };
    let complete =
        if kind == "password" { " autocomplete=\"new-password\"" } else { " autocomplete=\"off\"" };
    let required = if required { " required" } else { "" };
    let hint =
        if hint.is_empty() { String::new() } else { format!("<span class=\"hint\">{}</span>", escape(hint)) };
    Html(format!(
        "<label class=\"field\"><span>{}</span><input name=\"{name}\" type=\"{kind}\" value=\"{}\"{complete}{required}{}>{hint}{}</label>",
        escape(label),
        escape(value),
        sent.tied(form, name),
        sent.why(form, name)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;

    #[test]
    fn what_was_typed_stays_and_the_reason_stands_beside_its_field() {
        let sent = Sent {
            form: "token".into(),
            values: vec![
                ("name".into(), "<ci>".into()),
                ("scope".into(), "full".into()),
                ("password".into(), "hush".into()),
            ],
            refused: Some(("name".into(), "It is <taken>.".into())),
        };
        let of = |name, kind, required| {
            let line_ =
                TextInput { form: "token", name, kind, label: "Name", first: "x", hint: "", required };
            text_input(&frame(), &sent, line_).to_string()
        };
        let name = of("name", "text", true);
        assert!(name.contains("value=\"&lt;ci&gt;\" autocomplete=\"off\" required aria-invalid=\"true\" autofocus aria-describedby=\"wrong-token-name\""), "{name}");
        assert!(
            name.contains(
                "id=\"wrong-token-name\" role=\"alert\" tabindex=\"-1\" autofocus>It is &lt;taken&gt;.</span>"
            ),
            "{name}"
        );
        assert!(!of("password", "password", false).contains("hush"));
        assert_eq!(sent.value("token", "absent", "first"), "");
        assert_eq!((sent.value("key", "name", "first"), sent.wrong("key", "name")), ("first", None));
        assert!(sent.is("token", "scope", "full", false) && !sent.is("token", "scope", "read", true));
        assert!(sent.is("key", "scope", "read", true));
        assert_eq!(
            (sent.open("token").to_string(), sent.open("key").to_string()),
            (" open".into(), String::new())
        );
    }
}
