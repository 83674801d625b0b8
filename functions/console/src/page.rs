//! The one page of the application.

use crate::Config;

/// Languages that the console is written in.
const LANGUAGES: [&str; 3] = ["pt-BR", "en", "es"];

/// The page that loads the files under `hash`. It has nothing inline: its policy allows nothing.
pub(crate) fn index(config: &Config, hash: &str) -> axum::response::Html<String> {
    let language = LANGUAGES
        .into_iter()
        .find(|language| config.locale.get(..2) == language.get(..2))
        .unwrap_or(LANGUAGES[0]);
    axum::response::Html(format!(
        r#"<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mensageria</title>
<link rel="icon" type="image/svg+xml" href="/app/{hash}/icon.svg">
<link rel="stylesheet" href="/app/{hash}/style.css">
<link rel="modulepreload" href="/app/{hash}/vendor.js">
<script type="module" src="/app/{hash}/app.js"></script>
</head>
<body>
<div id="app"></div>
<noscript><p>Este console precisa de JavaScript. Você pode responder aos e-mails que recebeu. · This console needs JavaScript. You can answer the mails that you received. · Esta consola necesita JavaScript. Puede responder a los correos que recibió.</p></noscript>
</body>
</html>
"#
    ))
}
