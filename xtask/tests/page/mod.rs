//! A page of the documents, split into what both languages must have.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder of the Chinese pages.
const CHINESE: &str = "docs/zh-CN/";

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub struct Page {
    /// Relative to the root of the repository.
    pub path: String,
    pub sections: Vec<Section>,
}

/// A heading and what follows it, up to the next heading.
#[derive(Default)]
pub struct Section {
    pub level: usize,
    pub title: String,
    /// Blocks of code without their comments, with their language.
    pub blocks: Vec<String>,
    pub tables: Vec<Vec<Row>>,
    /// The targets of links and pictures, see [`Page::target`].
    pub links: Vec<String>,
    /// Code in texts.
    pub spans: BTreeSet<String>,
    /// Numbers in digits in texts, without separators.
    pub numbers: BTreeSet<String>,
    /// Paragraphs, items and cells, without code.
    pub texts: Vec<String>,
}

/// The cells of a row of a table.
pub struct Row(Vec<Cell>);

#[derive(Default)]
struct Cell {
    is_filled: bool,
    spans: Vec<String>,
}

impl Row {
    /// One character for each cell: whether it is filled.
    pub fn shape(&self) -> String {
        self.0.iter().map(|cell| if cell.is_filled { 'x' } else { '-' }).collect()
    }

    /// The distinct codes of each cell, with the number of the cell.
    pub fn spans(&self) -> Vec<String> {
        let in_cell = |(number, cell): (usize, &Cell)| {
            let spans: BTreeSet<&String> = cell.spans.iter().collect();
            spans.iter().map(|span| format!("cell {number}: `{span}`")).collect::<Vec<_>>()
        };
        self.0.iter().enumerate().flat_map(in_cell).collect()
    }
}

/// The text without comments: what follows `# ` or `// ` at the beginning of a line or after white space.
fn without_comments(code: &str) -> String {
    let cut = |line: &str| {
        let starts = ["# ", "// "].into_iter().flat_map(|mark| line.match_indices(mark));
        let mut starts = starts.map(|(at, _)| at).filter(|at| *at == 0 || line[..*at].ends_with([' ', '\t']));
        starts.next().map_or(line, |at| &line[..at]).trim_end().to_owned()
    };
    code.lines().map(cut).collect::<Vec<_>>().join("\n")
}

/// The anchor that code hosts give to a heading.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Whether a text without code is a sentence in English: six words, and no Chinese character.
pub fn is_english_prose(text: &str) -> bool {
    let words =
        text.split_whitespace().filter(|word| word.len() > 1 && word.chars().all(char::is_alphabetic));
    !text.chars().any(is_chinese) && words.count() >= 6
}

/// The numbers in digits of a text: `1,000` is 1000, and `3.5` is one number.
fn numbers(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && !",.".contains(c));
    let trimmed = words.map(|word| word.trim_matches([',', '.']).replace(',', ""));
    trimmed.filter(|word| !word.is_empty()).collect()
}

/// A path relative to the root, from one that is relative to a page.
fn resolve(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// The titles of the headings of a page, without reading its links.
fn titles(path: &str) -> Vec<String> {
    let mut titles: Vec<String> = Vec::new();
    let mut is_inside = false;
    for event in Parser::new_ext(&read(path), Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                titles.push(String::new());
                is_inside = true;
            }
            Event::End(TagEnd::Heading(_)) => is_inside = false,
            Event::Text(text) | Event::Code(text) if is_inside => titles.last_mut().unwrap().push_str(&text),
            _ => {}
        }
    }
    titles
}

/// Whether a page is in Chinese, by its path.
fn is_chinese_page(path: &str) -> bool {
    path.starts_with(CHINESE) || path == "README.zh-CN.md"
}

/// The English counterpart of a path in the documents.
fn in_english(path: &str) -> String {
    match path {
        "README.zh-CN.md" => "README.md".to_owned(),
        _ => path.replace("docs/pictures/zh-CN/", "docs/pictures/").replace(CHINESE, "docs/"),
    }
}

/// The Chinese counterpart of a path in the documents.
fn in_chinese(path: &str) -> String {
    match path {
        "README.md" => "README.zh-CN.md".to_owned(),
        _ if path.starts_with("docs/pictures/") => path.replacen("docs/pictures/", "docs/pictures/zh-CN/", 1),
        _ => path.replacen("docs/", CHINESE, 1),
    }
}

impl Page {
    pub fn read(path: &str) -> Self {
        let text = read(path);
        let mut reader = Reader {
            path,
            sections: Vec::new(),
            text: String::new(),
            block: None,
            in_heading: false,
            in_cell: false,
        };
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            reader.event(event);
        }
        let mut sections = reader.sections;
        // The link to the other language.
        sections[0].links.remove(0);
        Self { path: path.to_owned(), sections }
    }
}

/// The target of a link of a page, the same for both languages: the English page and the number of the heading. A link
/// to nothing, or from a Chinese page to an English one that exists in Chinese, is another place.
fn target(page: &str, link: &str) -> String {
    if link.contains("://") {
        return link.to_owned();
    }
    let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = if file.is_empty() { page.to_owned() } else { resolve(page, file) };
    if !root().join(&path).exists() {
        return format!("{link} (does not exist)");
    }
    let mut target = in_english(&path);
    if !fragment.is_empty() {
        let found = titles(&path).iter().position(|title| anchor(title) == fragment);
        target += &found.map_or(format!("#{fragment} (no such heading)"), |at| format!(" heading {at}"));
    }
    let is_english = in_english(&path) == path && in_chinese(&path) != path;
    if is_chinese_page(page) && is_english && root().join(in_chinese(&path)).is_file() {
        target += " (the English page)";
    }
    target
}

/// Collects the sections of a page from the events of its Markdown.
struct Reader<'a> {
    path: &'a str,
    sections: Vec<Section>,
    /// The text of the current paragraph, item or cell, without code.
    text: String,
    /// The block of code that is being read, with its language.
    block: Option<String>,
    in_heading: bool,
    in_cell: bool,
}

impl Reader<'_> {
    fn section(&mut self) -> &mut Section {
        self.sections.last_mut().unwrap_or_else(|| panic!("{}: no heading at the beginning", self.path))
    }

    fn cell(&mut self) -> Option<&mut Cell> {
        let section = self.sections.last_mut().filter(|_| self.in_cell)?;
        section.tables.last_mut()?.last_mut()?.0.last_mut()
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(code) => self.code(&code),
            Event::SoftBreak | Event::HardBreak => self.text.push(' '),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.sections.push(Section { level: level_number(level), ..Section::default() });
                self.in_heading = true;
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(language)) => self.block = Some(format!("{language}\n")),
            Tag::CodeBlock(CodeBlockKind::Indented) => panic!("{}: an indented block of code", self.path),
            Tag::Table(_) => self.section().tables.push(Vec::new()),
            Tag::TableHead | Tag::TableRow => {
                let table = self.section().tables.last_mut();
                table.unwrap().push(Row(Vec::new()));
            }
            Tag::TableCell => {
                let row = self.section().tables.last_mut().and_then(|table| table.last_mut());
                row.unwrap().0.push(Cell::default());
                self.in_cell = true;
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let target = target(self.path, &dest_url);
                self.section().links.push(target);
            }
            Tag::Item | Tag::List(_) => self.finish_text(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.in_heading = false,
            TagEnd::CodeBlock => {
                let block = self.block.take().unwrap_or_default();
                self.section().blocks.push(without_comments(&block));
            }
            TagEnd::Paragraph | TagEnd::Item => self.finish_text(),
            TagEnd::TableCell => {
                self.finish_text();
                self.in_cell = false;
            }
            _ => {}
        }
    }

    fn finish_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        let section = self.section();
        section.numbers.extend(numbers(&text));
        section.texts.push(text);
    }

    fn text(&mut self, text: &str) {
        if let Some(block) = &mut self.block {
            block.push_str(text);
        } else if self.in_heading {
            self.section().title.push_str(text);
        } else {
            self.text.push_str(text);
            if let Some(cell) = self.cell() {
                cell.is_filled = true;
            }
        }
    }

    fn code(&mut self, code: &str) {
        if self.in_heading {
            self.section().title.push_str(code);
        } else {
            // Code separates the words around it.
            self.text.push(' ');
        }
        self.section().spans.insert(code.to_owned());
        if let Some(cell) = self.cell() {
            cell.is_filled = true;
            cell.spans.push(code.to_owned());
        }
    }
}

fn level_number(level: HeadingLevel) -> usize {
    level as usize
}
