//! The items of the lexer with a look ahead of three, as Go's parser keeps it.

use super::super::{
    item::{Item, ItemKind, LexError},
    lexer::Lexer,
};

/// The items ahead of the parser.
#[derive(Debug)]
pub struct Items<'a> {
    lexer: Lexer<'a>,
    ahead: Ahead,
}

/// The items that were read and may be read again, the last one first. Every
/// definition has its own, since messages show the line of its first one.
#[derive(Debug, Clone, Copy)]
pub struct Ahead {
    items: [Item; 3],
    count: usize,
    /// The line of the `{{` that is open, 0 where none is.
    pub action_line: u32,
}

impl Default for Ahead {
    fn default() -> Self {
        let none = Item { kind: ItemKind::Eof, pos: 0, end: 0, line: 0 };
        Ahead { items: [none; 3], count: 0, action_line: 0 }
    }
}

impl<'a> Items<'a> {
    pub fn new(lexer: Lexer<'a>) -> Items<'a> {
        Items { lexer, ahead: Ahead::default() }
    }

    /// Exchanges the look-ahead at the start and end of a definition.
    pub fn swap(&mut self, ahead: Ahead) -> Ahead {
        std::mem::replace(&mut self.ahead, ahead)
    }

    /// The line of the item that was read last from the text.
    pub fn line(&self) -> u32 {
        let [last, ..] = &self.ahead.items;
        last.line
    }

    /// The line of the `{{` that is open, 0 where none is.
    pub fn action_line(&self) -> u32 {
        self.ahead.action_line
    }

    pub fn set_action_line(&mut self, line: u32) {
        self.ahead.action_line = line;
    }

    /// Why the text could not be read on, if it could not.
    pub fn error(&self) -> Option<LexError> {
        self.lexer.error()
    }

    pub fn next(&mut self) -> Item {
        match self.ahead.count.checked_sub(1) {
            Some(left) => {
                self.ahead.count = left;
                self.at(left)
            }
            None => self.read(),
        }
    }

    pub fn peek(&mut self) -> Item {
        match self.ahead.count.checked_sub(1) {
            Some(last) => self.at(last),
            None => {
                self.ahead.count = 1;
                self.read()
            }
        }
    }

    pub fn next_non_space(&mut self) -> Item {
        loop {
            let item = self.next();
            if item.kind != ItemKind::Space {
                return item;
            }
        }
    }

    pub fn peek_non_space(&mut self) -> Item {
        loop {
            let item = self.peek();
            if item.kind != ItemKind::Space {
                return item;
            }
            self.ahead.count = self.ahead.count.saturating_sub(1);
        }
    }

    /// Puts the item back that was read last.
    pub fn backup(&mut self) {
        self.ahead.count = (self.ahead.count + 1).min(3);
    }

    /// Puts `first` back before the item that was read last.
    pub fn backup2(&mut self, first: Item) {
        let [last, _, third] = self.ahead.items;
        self.ahead.items = [last, first, third];
        self.ahead.count = 2;
    }

    /// Puts `first` and `second` back before the item that was read last.
    pub fn backup3(&mut self, first: Item, second: Item) {
        let [last, ..] = self.ahead.items;
        self.ahead.items = [last, second, first];
        self.ahead.count = 3;
    }

    fn read(&mut self) -> Item {
        let item = self.lexer.next_item();
        let [last, ..] = &mut self.ahead.items;
        *last = item;
        item
    }

    fn at(&self, index: usize) -> Item {
        let [first, second, third] = self.ahead.items;
        match index {
            0 => first,
            1 => second,
            _ => third,
        }
    }
}
