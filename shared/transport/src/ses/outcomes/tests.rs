use super::*;
use domain::reason::Effect;

/// The table of the design document, line by line: status, code, message, outcome.
const CASES: &[(u16, &str, &str, &str)] = &[
    (
        429,
        "TooManyRequestsException",
        "Too many requests",
        "retry, not counted",
    ),
    (
        400,
        "ThrottlingException",
        "Maximum sending rate exceeded.",
        "retry, not counted",
    ),
    (
        400,
        "ThrottlingException",
        "Daily message quota exceeded.",
        "held OVER_QUOTA 600",
    ),
    (400, "LimitExceededException", "", "held LIMIT_EXCEEDED 600"),
    (
        400,
        "LimitExceededException",
        "Daily message quota exceeded.",
        "held OVER_QUOTA 600",
    ),
    (
        400,
        "LimitExceededException",
        "Maximum sending rate exceeded.",
        "retry, not counted",
    ),
    (
        429,
        "TooManyRequestsException",
        "Daily message quota exceeded.",
        "held OVER_QUOTA 600",
    ),
    (
        400,
        "ThrottlingException",
        "Maximum daily send quota exceeded",
        "held OVER_QUOTA 600",
    ),
    (400, "AccountSuspendedException", "", "stop"),
    (400, "SendingPausedException", "", "stop"),
    (
        400,
        "MailFromDomainNotVerifiedException",
        "",
        "held SENDER_NOT_VERIFIED 300",
    ),
    (
        400,
        "MessageRejected",
        "Email address is not verified. The following identities failed the check in region US-EAST-1: desk@example.com",
        "held SENDER_NOT_VERIFIED 300",
    ),
    (
        400,
        "MessageRejected",
        "Transaction failed: Duplicate header 'To'.",
        "refused REJECTED",
    ),
    (
        400,
        "BadRequestException",
        "Missing final '@domain'",
        "refused BAD_REQUEST",
    ),
    (
        404,
        "NotFoundException",
        "Configuration set <x> does not exist.",
        "held CONFIGURATION_SET_MISSING 300",
    ),
    (403, "AccessDeniedException", "", "held NOT_AUTHORIZED 300"),
    (403, "ExpiredTokenException", "", "held NOT_AUTHORIZED 300"),
    (403, "IncompleteSignature", "", "held NOT_AUTHORIZED 300"),
    (
        403,
        "InvalidSignatureException",
        "",
        "held NOT_AUTHORIZED 300",
    ),
    (
        403,
        "MissingAuthenticationTokenException",
        "",
        "held NOT_AUTHORIZED 300",
    ),
    (401, "NotAuthorized", "", "held NOT_AUTHORIZED 300"),
    (
        403,
        "UnrecognizedClientException",
        "",
        "held NOT_AUTHORIZED 300",
    ),
    (500, "InternalFailure", "", "unknown"),
    (503, "ServiceUnavailable", "", "unknown"),
    (500, "TooManyRequestsException", "", "unknown"),
    (400, "SomethingNewException", "", "unknown"),
    (400, "", "", "unknown"),
    (400, "messagerejected", "", "unknown"),
];

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Retry { counts: false, .. } => "retry, not counted".into(),
        Outcome::Retry { counts: true, .. } => "retry".into(),
        Outcome::Held { code, after, .. } => format!("held {} {}", code.code(), after.as_secs()),
        Outcome::Refused { code, .. } => format!("refused {}", code.code()),
        Outcome::Stop { .. } => "stop".into(),
        Outcome::Unknown { .. } => "unknown".into(),
        Outcome::Accepted { .. } => "accepted".into(),
    }
}

#[test]
fn every_error_has_its_outcome() {
    for &(status, code, message, expected) in CASES {
        let failure = Failure::Refused {
            status,
            code,
            message,
        };
        assert_eq!(
            words(&outcome(&failure, "desk@example.com")),
            expected,
            "{code} {message}"
        );
    }
}

/// The reason of a state leads to that state.
#[test]
fn every_row_has_a_reason_of_its_class() {
    for row in TABLE {
        match row.class {
            Class::Held(reason, _) => assert_eq!(reason.effect(), Effect::Holds, "{row:?}"),
            Class::Refused(reason) => assert_eq!(reason.effect(), Effect::Fails, "{row:?}"),
            Class::Throttled | Class::Stop => {}
        }
    }
}

#[test]
fn every_row_is_reached() {
    for row in TABLE {
        let reached = CASES
            .iter()
            .any(|(_, code, message, _)| find(code, message) == Some(row));
        assert!(reached, "{row:?}");
    }
}

#[test]
fn what_was_not_written_is_tried_again_and_what_was_is_not() {
    for (failure, expected) in [
        (Failure::NotWritten, "retry"),
        (Failure::Unanswered, "unknown"),
        (Failure::Unreadable { status: 200 }, "unknown"),
        (Failure::Unreadable { status: 502 }, "unknown"),
    ] {
        assert_eq!(words(&outcome(&failure, "")), expected, "{failure:?}");
    }
}

#[test]
fn reasons_name_the_sender_and_nobody_else() {
    let failure = Failure::Refused {
        status: 400,
        code: "MessageRejected",
        message: "Email address is not verified: desk@example.com, Maria <maria@example.com>\r\n\u{7}",
    };
    let Outcome::Held { reason, .. } = outcome(&failure, "desk@example.com") else {
        panic!("not held");
    };
    assert_eq!(
        reason,
        "MessageRejected: Email address is not verified: desk@example.com, Maria <m***@example.com>"
    );
}
