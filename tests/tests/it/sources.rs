//! The sources as the compiler reads them, for what only they can tell: no test looks for text in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Expr, ExprCall, ExprLit, ExprMethodCall, File, Ident, ImplItem, Item, Lit, LitStr, Macro,
    Signature, TraitItem, Type,
    parse::ParseStream,
    visit::{self, Visit},
};

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of Rust below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                Some(extension) if extension == "rs" => found.push(path),
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    found
}

/// A file, parsed.
pub(crate) fn parsed(path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap_or_else(|_| panic!("{}", path.display()));
    syn::parse_file(&text).unwrap()
}

/// Names of the functions of a file, methods included.
pub(crate) fn functions(file: &File) -> Vec<String> {
    struct Found(Vec<String>);
    impl<'ast> Visit<'ast> for Found {
        fn visit_signature(&mut self, signature: &'ast Signature) {
            self.0.push(signature.ident.to_string());
        }
    }
    let mut found = Found(Vec::new());
    found.visit_file(file);
    found.0
}

/// The routes that a file adds to routers: method and path.
pub(crate) fn routes(file: &File) -> Vec<(String, String)> {
    struct Found(Vec<(String, String)>);
    impl<'ast> Visit<'ast> for Found {
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            if call.method == "route"
                && let Some(Expr::Lit(ExprLit {
                    lit: Lit::Str(path),
                    ..
                })) = call.args.first()
            {
                let mut methods = Methods(Vec::new());
                methods.visit_expr(&call.args[1]);
                let methods = methods.0.into_iter();
                self.0.extend(methods.map(|method| (method, path.value())));
            }
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut found = Found(Vec::new());
    found.visit_file(file);
    found.0
}

/// The methods of `get(read).put(store)`, in capitals.
struct Methods(Vec<String>);

impl Methods {
    fn called(&mut self, name: &Ident) {
        let name = name.to_string();
        if ["get", "post", "put", "delete", "patch"].contains(&name.as_str()) {
            self.0.push(name.to_uppercase());
        }
    }
}

impl<'ast> Visit<'ast> for Methods {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(function) = call.func.as_ref() {
            self.called(&function.path.segments.last().unwrap().ident);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.called(&call.method);
        self.visit_expr(&call.receiver);
    }
}

/// Texts that a file hands to the macros of a log.
pub(crate) fn logged(file: &File) -> Vec<String> {
    struct Found(Vec<String>);
    impl<'ast> Visit<'ast> for Found {
        fn visit_macro(&mut self, call: &'ast Macro) {
            let name = call.path.segments.last().unwrap().ident.to_string();
            if ["error", "warn", "info", "debug"].contains(&name.as_str()) {
                self.0.extend(call.parse_body_with(texts).unwrap());
            }
            visit::visit_macro(self, call);
        }
    }
    let mut found = Found(Vec::new());
    found.visit_file(file);
    found.0
}

/// The string literals among the tokens of a call.
fn texts(input: ParseStream<'_>) -> syn::Result<Vec<String>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        if input.peek(LitStr) {
            found.push(input.parse::<LitStr>()?.value());
        } else {
            input.step(|cursor| Ok(((), cursor.token_tree().unwrap().1)))?;
        }
    }
    Ok(found)
}

/// Every module and item of the crates of `shared/` by its path, with variants, fields and methods.
pub(crate) fn names() -> Vec<Vec<String>> {
    let shared = repository().join("shared");
    let mut found = Vec::new();
    for folder in fs::read_dir(&shared).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let src = folder.path().join("src");
        for file in files(&src) {
            let below = file.strip_prefix(&src).unwrap().with_extension("");
            let parts = below.iter().map(|part| part.to_str().unwrap().to_owned());
            let module: Vec<_> = [name.clone()]
                .into_iter()
                .chain(parts.filter(|part| part != "lib" && part != "mod"))
                .collect();
            found.push(module.clone());
            items(&parsed(&file).items, &module, &mut found);
        }
    }
    found
}

fn items(of: &[Item], module: &[String], found: &mut Vec<Vec<String>>) {
    for item in of {
        let (name, members): (&Ident, Vec<&Ident>) = match item {
            Item::Const(item) => (&item.ident, Vec::new()),
            Item::Fn(item) => (&item.sig.ident, Vec::new()),
            Item::Type(item) => (&item.ident, Vec::new()),
            Item::Struct(item) => {
                let named = item.fields.iter().filter_map(|field| field.ident.as_ref());
                (&item.ident, named.collect())
            }
            Item::Enum(item) => {
                let variants = item.variants.iter().map(|variant| &variant.ident);
                (&item.ident, variants.collect())
            }
            Item::Trait(item) => {
                let methods = item.items.iter().filter_map(|item| match item {
                    TraitItem::Fn(method) => Some(&method.sig.ident),
                    _ => None,
                });
                (&item.ident, methods.collect())
            }
            Item::Impl(item) => {
                let Type::Path(of) = item.self_ty.as_ref() else {
                    continue;
                };
                let methods = item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(method) => Some(&method.sig.ident),
                    _ => None,
                });
                (&of.path.segments.last().unwrap().ident, methods.collect())
            }
            Item::Mod(item) => {
                let inner = join(module, &item.ident);
                if let Some((_, of)) = &item.content {
                    items(of, &inner, found);
                }
                found.push(inner);
                continue;
            }
            _ => continue,
        };
        let path = join(module, name);
        found.extend(members.into_iter().map(|member| join(&path, member)));
        found.push(path);
    }
}

fn join(path: &[String], name: &Ident) -> Vec<String> {
    [path, &[name.to_string()]].concat()
}
