//! Tiphys renders Helm charts for Argo CD. A request is a repository and its
//! parameters; it becomes a chart and its values, then text, then manifests in
//! an order, then an answer. The rooms, from the door to the cellar:
//! [`plugin`] and [`cli`] → [`pipeline`] → [`source`] → [`parameters`], [`registry`],
//! [`repository`] and [`chart`] → [`template`] → [`data`]; [`hooks`] →
//! [`manifest`] → [`data`]; [`error`] is everyone's. `docs/architecture.md` says what each one owns.

#![warn(clippy::too_many_lines)]

pub mod chart;
pub mod cli;
pub mod data;
pub mod error;
pub mod hooks;
pub mod manifest;
pub mod notice;
pub mod parameters;
pub mod pipeline;
pub mod plugin;
pub mod registry;
pub mod repository;
pub mod source;
pub mod template;
