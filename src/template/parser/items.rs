//! The items of the lexer with a look ahead of three, as Go's parser keeps it.

use super::super::{
    item::{Item, ItemKind},
    lexer::Lexer,
};

/// The items ahead of the parser.
#[derive(Debug)]
pub struct Items<'a> {
    lexer: Lexer<'a>,
    ahead: Ahead<'a>,
}

/// The items that were read and may be read again, the last one first. Every
/// definition has its own, since messages show the line of its first one.
#[derive(Debug, Clone, Copy)]
pub struct Ahead<'a> {
    items: [Item<'a>; 3],
    count: usize,
    /// The line of the `{{` that is open, 0 where none is.
    pub action_line: u32,
}

impl Default for Ahead<'_> {
    fn default() -> Self {
        let none = Item { kind: ItemKind::Eof, pos: 0, text: b"", line: 0 };
        Ahead { items: [none; 3], count: 0, action_line: 0 }
    }
}

impl<'a> Items<'a> {
    pub fn new(lexer: Lexer<'a>) -> Items<'a> {
        Items { lexer, ahead: Ahead::default() }
    }

    /// Exchanges the look-ahead at the start and end of a definition.
    pub fn swap(&mut self, ahead: Ahead<'a>) -> Ahead<'a> {
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

    pub fn next(&mut self) -> Item<'a> {
        match self.ahead.count.checked_sub(1) {
            Some(left) => self.ahead.count = left,
            None => self.read(),
        }
        *self.at(self.ahead.count)
    }

    pub fn peek(&mut self) -> &Item<'a> {
        if self.ahead.count == 0 {
            self.read();
            self.ahead.count = 1;
        }
        self.at(self.ahead.count - 1)
    }

    pub fn next_non_space(&mut self) -> Item<'a> {
        let item = *self.peek_non_space();
        self.ahead.count = self.ahead.count.saturating_sub(1);
        item
    }

    pub fn peek_non_space(&mut self) -> &Item<'a> {
        while self.peek().kind == ItemKind::Space {
            self.ahead.count = self.ahead.count.saturating_sub(1);
        }
        self.peek()
    }

    /// Puts the item back that was read last.
    pub fn backup(&mut self) {
        self.ahead.count = (self.ahead.count + 1).min(3);
    }

    /// Puts `first` back before the item that was read last.
    pub fn backup2(&mut self, first: Item<'a>) {
        let [last, _, third] = self.ahead.items;
        self.ahead.items = [last, first, third];
        self.ahead.count = 2;
    }

    /// Puts `first` and `second` back before the item that was read last.
    pub fn backup3(&mut self, first: Item<'a>, second: Item<'a>) {
        let [last, ..] = self.ahead.items;
        self.ahead.items = [last, second, first];
        self.ahead.count = 3;
    }

    fn read(&mut self) {
        let [last, ..] = &mut self.ahead.items;
        *last = self.lexer.next_item();
    }

    fn at(&self, index: usize) -> &Item<'a> {
        let [first, second, third] = &self.ahead.items;
        match index {
            0 => first,
            1 => second,
            _ => third,
        }
    }
}
