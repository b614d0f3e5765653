//! The items of the lexer with a look ahead of two, as Go's parser keeps it (of
//! three there, where blanks are items).

use super::super::{
    ast::Pos,
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
    last: Item,
    before: Item,
    count: u8,
    /// The `{{` that is open.
    pub action: Option<Pos>,
}

impl Default for Ahead {
    fn default() -> Self {
        let none = Item { kind: ItemKind::Eof, spaced: false, pos: 0, end: 0 };
        Ahead { last: none, before: none, count: 0, action: None }
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

    /// Where the item is that was read last from the text.
    pub fn last(&self) -> Pos {
        self.ahead.last.pos
    }

    /// The `{{` that is open.
    pub fn action(&self) -> Option<Pos> {
        self.ahead.action
    }

    pub fn set_action(&mut self, action: Option<Pos>) {
        self.ahead.action = action;
    }

    /// Why the text could not be read on, if it could not.
    pub fn error(&self) -> Option<LexError> {
        self.lexer.error()
    }

    #[inline]
    pub fn next(&mut self) -> Item {
        match self.ahead.count {
            0 => self.read(),
            count => {
                self.ahead.count = count - 1;
                if count == 1 { self.ahead.last } else { self.ahead.before }
            }
        }
    }

    #[inline]
    pub fn peek(&mut self) -> Item {
        match self.ahead.count {
            0 => {
                self.ahead.count = 1;
                self.read()
            }
            1 => self.ahead.last,
            _ => self.ahead.before,
        }
    }

    /// Puts the item back that was read last.
    pub fn backup(&mut self) {
        self.ahead.count = (self.ahead.count + 1).min(2);
    }

    /// Puts `first` back before the item that was read last.
    pub fn backup2(&mut self, first: Item) {
        self.ahead.before = first;
        self.ahead.count = 2;
    }

    fn read(&mut self) -> Item {
        self.ahead.last = self.lexer.next_item();
        self.ahead.last
    }
}
