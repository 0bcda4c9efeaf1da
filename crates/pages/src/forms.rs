//! Submitted forms that were rejected: the values that the user entered, and the error beside its field.

use crate::{Frame, Html, escape};

/// A form that was submitted and rejected. If a page has several forms, the others keep their initial values.
#[derive(Debug, Clone, Default)]
pub struct SubmittedForm {
    /// The id of the form on its page.
    pub form: String,
    /// Names and values of the fields.
    pub values: Vec<(String, String)>,
    /// The field that was rejected, and the message. An empty name means the whole form.
    pub error: Option<(String, String)>,
}

impl SubmittedForm {
    /// The submitted value of a field if this form was submitted, else the initial value. The caller leaves
    /// out passwords.
    pub fn value<'a>(&'a self, form: &str, field: &str, initial: &'a str) -> &'a str {
        if self.form != form {
            return initial;
        }
        self.values.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }

    /// Whether a checkbox is checked or an option is selected; `initial` if this form was not submitted.
    pub fn is_selected(&self, form: &str, field: &str, value: &str, initial: bool) -> bool {
        if self.form != form {
            return initial;
        }
        self.values.iter().any(|(name, submitted)| name == field && submitted == value)
    }

    /// The error message of a field.
    pub fn field_error(&self, form: &str, field: &str) -> Option<&str> {
        let (rejected, message) = self.error.as_ref().filter(|_| self.form == form)?;
        (rejected == field).then_some(message)
    }

    /// The error message of a field as HTML. The browser scrolls to it, because a page may be long.
    pub fn error_html(&self, form: &str, field: &str) -> Html {
        let Some(message) = self.field_error(form, field) else { return Html::default() };
        Html(format!(
            "<span class=\"wrong\" id=\"{}\" role=\"alert\" tabindex=\"-1\" autofocus>{}</span>",
            escape(&error_id(form, field)),
            escape(message)
        ))
    }

    /// The attributes that connect an invalid field to its error message for screen readers.
    pub fn error_attributes(&self, form: &str, field: &str) -> Html {
        if self.field_error(form, field).is_none() {
            return Html::default();
        }
        let id = escape(&error_id(form, field));
        Html(format!(" aria-invalid=\"true\" autofocus aria-describedby=\"{id}\""))
    }

    /// The attribute `open` of the `<details>` around a form that was rejected.
    pub fn open_attribute(&self, form: &str) -> Html {
        Html(if self.form == form && self.error.is_some() { " open".into() } else { String::new() })
    }
}

fn error_id(form: &str, field: &str) -> String {
    format!("wrong-{form}-{field}")
}

/// A text field with its label, hint and error message.
#[derive(Debug, Clone, Copy)]
pub struct TextInput<'a> {
    /// The id of the form.
    pub form: &'a str,
    /// The name of the field.
    pub name: &'a str,
    /// The attribute `type`: `text`, `password`, `url` or `number`.
    pub kind: &'a str,
    /// The label.
    pub label: &'a str,
    /// The initial value.
    pub initial: &'a str,
    /// The hint below the field; may be empty.
    pub hint: &'a str,
    /// Whether a value is required.
    pub required: bool,
}

/// A [`TextInput`] as HTML.
pub fn text_input(_: &Frame, submitted: &SubmittedForm, input: TextInput<'_>) -> Html {
    let TextInput { form, name, kind, label, initial, hint, required } = input;
    let value = if kind == "password" { "" } else { submitted.value(form, name, initial) };
    let autocomplete =
        if kind == "password" { " autocomplete=\"new-password\"" } else { " autocomplete=\"off\"" };
    let required = if required { " required" } else { "" };
    let hint =
        if hint.is_empty() { String::new() } else { format!("<span class=\"hint\">{}</span>", escape(hint)) };
    Html(format!(
        concat!(
            "<label class=\"field\"><span>{}</span>",
            "<input name=\"{}\" type=\"{}\" value=\"{}\"{}{}{}>{}{}</label>"
        ),
        escape(label),
        name,
        kind,
        escape(value),
        autocomplete,
        required,
        submitted.error_attributes(form, name),
        hint,
        submitted.error_html(form, name)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;

    #[test]
    fn a_rejected_form_keeps_its_values_and_shows_the_error_beside_its_field() {
        let submitted = SubmittedForm {
            form: "token".into(),
            values: vec![
                ("name".into(), "<ci>".into()),
                ("scope".into(), "full".into()),
                ("password".into(), "hush".into()),
            ],
            error: Some(("name".into(), "It is <taken>.".into())),
        };
        let field_html = |name, kind, required| {
            let input =
                TextInput { form: "token", name, kind, label: "Name", initial: "x", hint: "", required };
            text_input(&frame(), &submitted, input).to_string()
        };
        let name = field_html("name", "text", true);
        for part in [
            "value=\"&lt;ci&gt;\" autocomplete=\"off\" required aria-invalid=\"true\" autofocus ",
            "autofocus aria-describedby=\"wrong-token-name\"",
            "id=\"wrong-token-name\" role=\"alert\" tabindex=\"-1\" autofocus>It is &lt;taken&gt;.</span>",
        ] {
            assert!(name.contains(part), "{part} is not in {name}");
        }
        assert!(!field_html("password", "password", false).contains("hush"));
        assert_eq!(submitted.value("token", "absent", "first"), "");
        assert_eq!(
            (submitted.value("key", "name", "first"), submitted.field_error("key", "name")),
            ("first", None)
        );
        assert!(submitted.is_selected("token", "scope", "full", false));
        assert!(!submitted.is_selected("token", "scope", "read", true));
        assert!(submitted.is_selected("key", "scope", "read", true));
        assert_eq!(
            (submitted.open_attribute("token").to_string(), submitted.open_attribute("key").to_string()),
            (" open".into(), String::new())
        );
    }
}
