mod answer;
mod create;
mod list;
mod page;
