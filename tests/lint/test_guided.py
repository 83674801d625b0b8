"""The questions of `sam deploy --guided` as SAM asks them of this template, against what `docs/OPERATIONS.md` says of them."""

import re
import tomllib

import pytest
from samcli.commands.deploy import guided_context

from conftest import REPO

# SAM warns of parts of itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TEXT = (REPO / "docs/OPERATIONS.md").read_text()
SHORTEST = TEXT[TEXT.index("### The shortest way") : TEXT.index("### What you need")]
SAVED = tomllib.loads((REPO / "samconfig.toml").read_text())["default"]["deploy"]["parameters"]
# The answers of the table; Enter answers the rest.
ANSWERS = {
    "CreateUserPool": "true",
    "MailIdentity": "example.com",
    "CreateMailIdentity": "domain",
    "MailFrom": "desk@example.com",
    "AlarmEmail": "alarms@example.com",
}


def answered(monkeypatch, answers):
    """What SAM takes for the answers, and what it asked that Enter says no to."""
    refused = []

    def prompt(text, default=None, **_):
        name = re.sub(r"\x1b\[\d*m|\s*Parameter |^\s+", "", text)
        return answers.get(name, default)

    def confirm(text, default):
        if not default:
            refused.append(re.sub(r"\x1b\[\d*m|^\s+", "", text))
        return default

    monkeypatch.setattr(guided_context, "prompt", prompt)
    monkeypatch.setattr(guided_context, "confirm", confirm)
    monkeypatch.setattr(guided_context, "manage_stack", lambda **_: "bucket")
    monkeypatch.setattr(guided_context, "print_managed_s3_bucket_info", lambda _: None)
    monkeypatch.setattr(guided_context.GuidedContext, "prompt_image_repository", lambda *_: {})
    template = str(REPO / "template.yaml")
    context = guided_context.GuidedContext(
        template_file=template,
        stack_name="mensageria",
        s3_bucket=None,
        image_repository=None,
        image_repositories=None,
        s3_prefix=None,
        region="us-east-1",
        profile=None,
        confirm_changeset=SAVED["confirm_changeset"],
        capabilities=SAVED["capabilities"],
        parameter_overrides={},
        config_section="parameters",
        config_file="samconfig.toml",
    )
    context.guided_prompts(guided_context.get_template_parameters(template_file=template))
    return context, refused


def test_the_shortest_way_answers_every_question_that_enter_does_not(monkeypatch, template):
    context, refused = answered(monkeypatch, ANSWERS)
    given = {name: answer["Value"] for name, answer in context.guided_parameter_overrides.items()}
    for name, declared in template.document["Parameters"].items():
        assert re.fullmatch(declared.get("AllowedPattern", ".*"), given[name]), name
        assert given[name] in map(str, declared.get("AllowedValues", [given[name]])), name
        assert name not in ANSWERS or f"`{name}`" in SHORTEST, name
    # Without a pool of the stack's own there would be an issuer to name.
    assert given["CreateUserPool"] == "true"
    # A no that nothing depends on. What SAM asks once more before it deploys would be a no to everything.
    assert set(refused) == {"Confirm changes before deploy", "Disable rollback"}
    assert context.confirm_changeset is False and context.save_to_config is True


def test_questions_without_an_answer_of_their_own_are_in_the_table(monkeypatch, template):
    """Those whose Enter the template's own patterns refuse."""
    context, _ = answered(monkeypatch, {})
    given = {name: answer["Value"] for name, answer in context.guided_parameter_overrides.items()}
    lacking = {
        name for name, one in template.document["Parameters"].items() if not re.fullmatch(one.get("AllowedPattern", ".*"), given[name])
    }
    assert lacking == {"MailIdentity", "MailFrom"} and lacking <= set(ANSWERS)
