//! The rooms of `src/`: each knows only those below it, and no files import in a circle.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    iter::Peekable,
    path::{Path, PathBuf},
};

/// From the ground up, as `src/lib.rs` lists them.
const ROOMS: [&str; 7] = [
    "values",
    "call",
    "lists",
    "client",
    "generated",
    "resources",
    "fake",
];

type Module = Vec<String>;

/// The files below `src/` but its root, by module.
fn files() -> BTreeMap<Module, TokenStream> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    let mut queue = vec![root.clone()];
    while let Some(path) = queue.pop() {
        if path.is_dir() {
            let inner = fs::read_dir(&path).expect("a folder");
            queue.extend(inner.map(|entry| entry.expect("a file").path()));
        } else if path != root.join("lib.rs") {
            let text = fs::read_to_string(&path).expect("text");
            let module = module(path.strip_prefix(&root).expect("below src"));
            files.insert(module, text.parse().expect("Rust"));
        }
    }
    files
}

fn module(file: &Path) -> Module {
    let path: PathBuf = match file.file_name().is_some_and(|name| name == "mod.rs") {
        true => file.parent().expect("a folder").into(),
        false => file.with_extension(""),
    };
    let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    parts.collect()
}

/// All paths in `tokens` that begin at the crate or above the module.
fn paths(tokens: TokenStream, module: &[String], found: &mut Vec<Module>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => paths(group.stream(), module, found),
            TokenTree::Ident(ident) if ident == "crate" => rest(Vec::new(), &mut tokens, found),
            TokenTree::Ident(ident) if ident == "super" => {
                let above = module[..module.len().saturating_sub(1)].to_vec();
                rest(above, &mut tokens, found);
            }
            // A module in the file is one more to be above of.
            TokenTree::Ident(ident) if ident == "mod" => {
                let name = tokens.next().map(|name| name.to_string());
                if let Some(TokenTree::Group(group)) = tokens.peek() {
                    let inner: Module = module.iter().cloned().chain(name).collect();
                    paths(group.stream(), &inner, found);
                    tokens.next();
                }
            }
            _ => {}
        }
    }
}

/// Follows a path to its ends, of which a group has several.
fn rest(
    mut path: Module,
    tokens: &mut Peekable<impl Iterator<Item = TokenTree>>,
    found: &mut Vec<Module>,
) {
    loop {
        let colons = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':');
        if tokens.next_if(colons).is_none() || tokens.next_if(colons).is_none() {
            return found.push(path);
        }
        match tokens.next() {
            Some(TokenTree::Ident(part)) => path.push(part.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let mut tokens = group.stream().into_iter().peekable();
                while let Some(token) = tokens.next() {
                    if let TokenTree::Ident(part) = token {
                        let mut path = path.clone();
                        if part != "self" {
                            path.push(part.to_string());
                        }
                        rest(path, &mut tokens, found);
                    }
                }
                return;
            }
            _ => return found.push(path),
        }
    }
}

/// Which files each file names.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let files = files();
    let modules: BTreeSet<_> = files.keys().cloned().collect();
    let imports = files.into_iter().map(|(file, tokens)| {
        let mut found = Vec::new();
        paths(tokens, &file, &mut found);
        // `pub(crate)` is no path.
        found.retain(|path| !path.is_empty());
        let named = found.iter().map(|path| {
            let ends = (1..=path.len()).rev();
            let known = ends.map(|end| &path[..end]).find(|p| modules.contains(*p));
            known
                .unwrap_or_else(|| panic!("{}: where is {}?", file.join("/"), path.join("::")))
                .to_vec()
        });
        let named = named.filter(|named| *named != file).collect();
        (file, named)
    });
    imports.collect()
}

#[test]
fn a_room_knows_only_those_below_it() {
    let floor = |module: &Module| ROOMS.iter().position(|room| *room == module[0]);
    let mut up = Vec::new();
    for (file, named) in imports() {
        // Documentation alone.
        if file == ["troubleshooting"] {
            continue;
        }
        let own = floor(&file).unwrap_or_else(|| panic!("{} is in no room", file.join("/")));
        let above = named.into_iter().filter(|named| floor(named) > Some(own));
        up.extend(above.map(|named| format!("{} knows {}", file.join("/"), named.join("/"))));
    }
    assert!(up.is_empty(), "{up:#?}");
}

#[test]
fn no_files_import_in_a_circle() {
    let mut left: BTreeSet<(Module, Module)> = imports()
        .into_iter()
        .flat_map(|(file, named)| named.into_iter().map(move |named| (file.clone(), named)))
        .collect();
    // What names nothing that is left, or is named by nothing, is in no circle.
    loop {
        let name: BTreeSet<_> = left.iter().map(|(file, _)| file.clone()).collect();
        let named: BTreeSet<_> = left.iter().map(|(_, named)| named.clone()).collect();
        let before = left.len();
        left.retain(|(from, to)| name.contains(to) && named.contains(from));
        if left.len() == before {
            break;
        }
    }
    let left = left.iter();
    let left: Vec<_> = left
        .map(|(file, named)| format!("{} names {}", file.join("/"), named.join("/")))
        .collect();
    assert!(left.is_empty(), "{left:#?}");
}
