//! Flow collections on one line.

use super::{Made, Reader, is_word};
use crate::data::Str;

impl Reader<'_> {
    /// A flow collection on one line, of simple words.
    pub(super) fn flow<T: Made>(&mut self) -> Option<T> {
        self.nested(|reader| match reader.rest() {
            [b'[', ..] => {
                let mut items = Vec::new();
                reader.flow_items(b']', |reader| {
                    items.push(reader.flow_item()?);
                    Some(())
                })?;
                Some(T::list(items))
            }
            _ => {
                let mut entries = Vec::new();
                reader.flow_items(b'}', |reader| {
                    let key = reader.key()?;
                    reader.blanks();
                    entries.push((Str::from(key), reader.flow_item()?));
                    Some(())
                })?;
                Some(T::map(entries))
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

    pub(super) fn flow_item<T: Made>(&mut self) -> Option<T> {
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
