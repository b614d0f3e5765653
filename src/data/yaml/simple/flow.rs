//! Flow collections on one line.

use super::{Made, Reader, is_word};
use crate::data::Str;

impl<T: Made> Reader<'_, T> {
    /// A flow collection on one line, of simple words.
    pub(super) fn flow(&mut self) -> Option<T> {
        self.nested(|reader| match reader.rest() {
            [b'[', ..] => {
                let start = reader.items.len();
                reader.flow_items(b']', |reader| {
                    let item = reader.flow_item()?;
                    reader.items.push(item);
                    Some(())
                })?;
                Some(reader.list(start))
            }
            _ => {
                let start = reader.entries.len();
                reader.flow_items(b'}', |reader| {
                    let key = reader.key()?;
                    reader.blanks();
                    let item = reader.flow_item()?;
                    reader.entries.push((Str::from(key), item));
                    Some(())
                })?;
                Some(reader.map(start))
            }
        })
    }

    /// Reads items with commas between them, and both brackets.
    fn flow_items(&mut self, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.pos += 1;
        self.blanks();
        if self.rest().first() == Some(&close) {
            self.pos += 1;
            return Some(());
        }
        loop {
            self.blanks();
            item(self)?;
            self.blanks();
            let next = *self.rest().first()?;
            self.pos += 1;
            if next == close {
                return Some(());
            }
            if next != b',' {
                return None;
            }
        }
    }

    pub(super) fn flow_item(&mut self) -> Option<T> {
        match self.rest() {
            [b'[' | b'{', ..] => self.flow(),
            [quote @ (b'"' | b'\''), ..] => {
                let text = self.quoted(*quote, false)?;
                Some(self.text(&text))
            }
            rest => {
                let length = rest.iter().take_while(|b| is_word(**b)).count();
                let text = rest.get(..length)?;
                if text.first().is_none_or(|first| *first == b'-')
                    || !matches!(rest.get(length), Some(b' ' | b',' | b']' | b'}'))
                {
                    return None;
                }
                self.pos += length;
                self.meaning(text)
            }
        }
    }
}
