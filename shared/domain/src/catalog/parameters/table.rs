//! The table itself: the messaging parameters first.

use super::{Parameter, ParameterRefusal, ParameterType, Texts};
use crate::texts;

/// Every parameter that is recognised.
pub const PARAMETERS: &[Parameter] = &[
    parameter(
        417,
        ParameterType::Template,
        None,
        texts::parameters::P417,
        texts::parameters::P417_ABOUT,
    ),
    parameter(
        251,
        ParameterType::Template,
        None,
        texts::parameters::P251,
        texts::parameters::P251_ABOUT,
    ),
    parameter(
        253,
        ParameterType::Template,
        None,
        texts::parameters::P253,
        texts::parameters::P253_ABOUT,
    ),
    parameter(
        1001,
        ParameterType::Template,
        None,
        texts::parameters::P1001,
        texts::parameters::P1001_ABOUT,
    ),
    parameter(
        252,
        ParameterType::Flag,
        Some("S"),
        texts::parameters::P252,
        texts::parameters::P252_ABOUT,
    ),
    parameter(
        299,
        ParameterType::Flag,
        Some("S"),
        texts::parameters::P299,
        texts::parameters::P299_ABOUT,
    ),
    parameter(
        300,
        ParameterType::Flag,
        Some("S"),
        texts::parameters::P300,
        texts::parameters::P300_ABOUT,
    ),
    parameter(
        297,
        ParameterType::Flag,
        Some("N"),
        texts::parameters::P297,
        texts::parameters::P297_ABOUT,
    ),
    parameter(
        10,
        ParameterType::Email,
        None,
        texts::parameters::P10,
        texts::parameters::P10_ABOUT,
    ),
    parameter(
        9,
        ParameterType::Emails,
        None,
        texts::parameters::P9,
        texts::parameters::P9_ABOUT,
    ),
    parameter(
        33,
        ParameterType::Url,
        None,
        texts::parameters::P33,
        texts::parameters::P33_ABOUT,
    ),
    parameter(
        36,
        ParameterType::Domain,
        None,
        texts::parameters::P36,
        texts::parameters::P36_ABOUT,
    ),
    parameter(
        262,
        ParameterType::Text,
        None,
        texts::parameters::P262,
        texts::parameters::P262_ABOUT,
    ),
    parameter(
        263,
        ParameterType::Text,
        None,
        texts::parameters::P263,
        texts::parameters::P263_ABOUT,
    ),
    parameter(
        278,
        ParameterType::Number,
        Some("10485760"),
        texts::parameters::P278,
        texts::parameters::P278_ABOUT,
    ),
    parameter(
        318,
        ParameterType::Extensions,
        // What runs when it is opened, and pages that run in a browser.
        Some(
            "exe;com;scr;pif;cpl;msi;msp;bat;cmd;ps1;vbs;vbe;js;jse;wsf;wsh;hta;jar;lnk;reg;html;htm;xhtml;shtml;mht;mhtml;svg",
        ),
        texts::parameters::P318,
        texts::parameters::P318_ABOUT,
    ),
    parameter(
        446,
        ParameterType::Flag,
        Some("N"),
        texts::parameters::P446,
        texts::parameters::P446_ABOUT,
    ),
    refused(11, ParameterRefusal::Smtp, texts::parameters::P11),
    refused(12, ParameterRefusal::Smtp, texts::parameters::P12),
    refused(13, ParameterRefusal::Password, texts::parameters::P13),
    refused(14, ParameterRefusal::Smtp, texts::parameters::P14),
    refused(25, ParameterRefusal::Password, texts::parameters::P25),
    refused(199, ParameterRefusal::Smtp, texts::parameters::P199),
    refused(269, ParameterRefusal::Smtp, texts::parameters::P269),
];

const fn parameter(
    number: u16,
    kind: ParameterType,
    default: Option<&'static str>,
    names: Texts,
    descriptions: Texts,
) -> Parameter {
    Parameter {
        number,
        names,
        descriptions,
        kind,
        default,
        refusal: None,
    }
}

/// A parameter that is recognised so that a PUT of it can be answered with the way out.
const fn refused(number: u16, refusal: ParameterRefusal, names: Texts) -> Parameter {
    Parameter {
        number,
        names,
        descriptions: match refusal {
            ParameterRefusal::Smtp => texts::parameters::REFUSED_SMTP,
            ParameterRefusal::Password => texts::parameters::REFUSED_PASSWORD,
        },
        kind: ParameterType::Refused,
        default: None,
        refusal: Some(refusal),
    }
}
