"""Files on AWS: the console's page puts them into the bucket itself, by an address that the API signed.

The functions run as they are, over moto's table and a bucket that is as strict as S3; the policy of the page and the
bucket's rules are those of the template.
"""

import hashlib
import json
import os
import random
import re

import pytest
import requests
from playwright.sync_api import expect

from conftest import REPO
from harness.bucket import Bucket
from harness.gateway import Functions
from harness.moto import Moto
from harness.template import Template, sample_settings
from signing import Signing
from talk import BIA, MARIA, editor, write

SEND = re.compile("^Responder a Maria")


def rule_of_the_template(template, origin):
    """What the template lets the console's page ask of the bucket."""
    rules = template.resources["Files"]["Properties"]["CorsConfiguration"]["Fn::If"][1]["CorsRules"]
    (rule,) = [rule["Fn::If"][1] for rule in rules if rule["Fn::If"][0] == "HasConsole"]
    assert rule["AllowedOrigins"][0]["Fn::If"][1] == {"Ref": "ConsoleUrl"}
    return rule | {"AllowedOrigins": [origin]}


class Desk(Signing):
    """The functions with a ticket in their table, the bucket, and windows in front."""

    def __init__(self, folder, chromium):
        template = Template.read(REPO / "template.yaml")
        self.moto = Moto(template, folder)
        (folder / "bucket").mkdir()
        self.bucket = Bucket(self.moto, folder / "bucket", [])
        aws = {
            "AWS_ENDPOINT_URL": self.moto.url, "AWS_ENDPOINT_URL_S3": self.bucket.origin, "AWS_CA_BUNDLE": str(self.bucket.certificate),
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
        }  # fmt: skip
        functions = Functions(template, os.environ | aws, sample_settings(REPO), folder)
        super().__init__("cognito", functions, folder, chromium, UPLOAD_ORIGIN=self.bucket.origin)
        self.bucket.rules.append(rule_of_the_template(template, self.gateway.address))
        self.provider.people["ana@example.com"] = ("Ana", "admin")
        self.call("ana@example.com", "PUT", "/tickets/1", {"requester": MARIA, "responsible": BIA, "activity": "VPN", "status": "Novo"})

    def call(self, person, method, path, body=None):
        """What the API answers to somebody."""
        headers = {"Authorization": f"Bearer {self.provider.id_token(person)}"}
        answer = requests.request(method, self.gateway.address + path, json=body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def messages(self):
        """The messages that are stored, oldest first."""
        return self.call("ana@example.com", "GET", "/tickets/1/messages?limit=100")["items"]

    def end(self):
        """Ends all of it."""
        super().end()
        self.bucket.end()
        self.moto.end()


@pytest.fixture(scope="module")
def deployed(chromium, tmp_path_factory):
    """One for all tests of this file: functions start once."""
    desk = Desk(tmp_path_factory.mktemp("deployed"), chromium)
    yield desk
    desk.end()


@pytest.fixture
def desk(deployed):
    """The same as at the start."""
    deployed.bucket.breaks, deployed.bucket.ahead = False, 0
    for log in (deployed.bucket.uploads, deployed.bucket.refusals, deployed.complaints):
        log.clear()
    return deployed


@pytest.fixture
def bia(desk):
    """Bia's window with the ticket open."""
    page = desk.page()
    desk.enter(page, "/app/chamados/1", "Bia Araújo")
    editor(page).wait_for()
    yield page
    page.context.close()


def content(size):
    """Bytes of which no part is like another."""
    return random.Random(size).randbytes(size)


def choose(page, bytes_, name="tela do erro.png"):
    """Chooses one file."""
    page.set_input_files("input[type=file]", [{"name": name, "mimeType": "image/png", "buffer": bytes_}])


def offer(desk, bytes_, **changed):
    """An offer of the API for these bytes."""
    body = {"name": "a.bin", "size": len(bytes_), "sha256": hashlib.sha256(bytes_).hexdigest()} | changed
    return desk.call("bia@example.com", "POST", "/tickets/1/uploads", body)


def test_a_file_lands_in_the_bucket_and_the_other_side_gets_it_byte_for_byte(desk, bia):
    sent, before = content(3_000_000), len(desk.messages())
    choose(bia, sent)
    expect(bia.get_by_text("pronto", exact=True)).to_be_visible()
    [place] = desk.bucket.uploads
    assert place.startswith(f"/{desk.moto.FILES}/uploads/")
    write(bia, "Segue a tela", SEND)
    expect(bia.locator(".message").filter(has_text="Segue a tela").locator(".files li")).to_contain_text("tela do erro.png")
    assert len(desk.messages()) == before + 1
    [file] = desk.messages()[-1]["attachments"]
    assert (file["name"], file["size"]) == ("tela do erro.png", len(sent))
    maria = desk.page()
    desk.enter(maria, "/app/solicitacoes/1", "Maria Conceição")
    with maria.expect_download() as download:
        maria.locator(".message").filter(has_text="Segue a tela").get_by_role("button", name=re.compile("^Baixar")).click()
    assert download.value.url.startswith(desk.bucket.origin)
    assert download.value.suggested_filename == "tela do erro.png"
    assert download.value.path().read_bytes() == sent
    maria.context.close()
    # Neither the policy of the page nor the bucket refused anything.
    assert desk.bucket.refusals == []
    assert desk.complaints == []


@pytest.mark.parametrize(
    ("locale", "here", "at_server"),
    [
        ("pt-BR", "é maior que 10,5 MB", "no máximo"),
        ("en-US", "is larger than 10.5 MB", "at most"),
        ("es-ES", "es mayor que 10,5 MB", "como máximo"),
    ],
)
def test_a_file_that_is_too_large_is_refused_in_the_persons_language(desk, locale, here, at_server):
    page, stored, large = desk.page(locale), len(desk.messages()), content(10_600_000)
    desk.enter(page, "/app/solicitacoes/1", "Maria Conceição")
    editor(page).fill("não se perde")
    choose(page, large, "grande.bin")
    alert = page.locator(".composer").get_by_role("alert")
    expect(alert).to_contain_text(here)
    page.wait_for_function("Object.values(localStorage).some((kept) => kept.includes('se perde'))")

    def wider(route):
        me = route.fetch().json()
        route.fulfill(json=me | {"limits": me["limits"] | {"attachment_bytes": 10**9}})

    # The limit was changed after the page was loaded: now it is the API that refuses, before a byte travels.
    page.route("**/me", wider)
    page.reload()
    expect(editor(page)).to_have_text("não se perde")
    choose(page, large, "grande.bin")
    expect(alert).to_contain_text(at_server)
    expect(alert).to_contain_text("278")
    assert desk.bucket.uploads == []
    assert len(desk.messages()) == stored
    page.context.close()


def test_an_upload_that_breaks_off_half_way_loses_nothing_and_is_sent_once(desk, bia):
    sent, before = content(2_000_000), len(desk.messages())
    desk.bucket.breaks = True
    editor(bia).fill("Vai com a tela")
    choose(bia, sent)
    expect(bia.get_by_text("não subiu", exact=True)).to_be_visible()
    expect(bia.locator(".chosen").get_by_role("alert")).to_contain_text("Nada do que você digitou se perdeu")
    expect(editor(bia)).to_have_text("Vai com a tela")
    bia.get_by_role("button", name=SEND).click()
    expect(bia.get_by_text("ou tire os que não subiram")).to_be_visible()
    assert len(desk.messages()) == before
    desk.bucket.breaks = False
    bia.get_by_role("button", name="Tentar de novo").click()
    expect(bia.get_by_text("pronto", exact=True)).to_be_visible()
    bia.get_by_role("button", name=SEND).click()
    expect(editor(bia)).to_have_text("")
    assert [message["text"] for message in desk.messages()[before:]] == ["Vai com a tela"]
    assert desk.messages()[-1]["attachments"][0]["size"] == len(sent)


def test_what_was_typed_and_chosen_outlives_a_reload_in_the_middle_of_an_upload(desk, bia):
    desk.bucket.breaks = True
    editor(bia).fill("Depois do reload")
    choose(bia, content(2_000_000))
    expect(bia.get_by_text("não subiu", exact=True)).to_be_visible()
    expect(bia.get_by_text("rascunho salvo")).to_be_visible()
    desk.bucket.breaks = False
    bia.reload()
    expect(editor(bia)).to_have_text("Depois do reload")
    expect(bia.locator(".chosen")).to_contain_text("anexe de novo")
    bia.get_by_role("button", name=re.compile("^Tirar")).click()
    choose(bia, content(2_000_000))
    expect(bia.get_by_text("pronto", exact=True)).to_be_visible()
    bia.get_by_role("button", name=SEND).click()
    expect(editor(bia)).to_have_text("")
    assert desk.messages()[-1]["text"] == "Depois do reload"


def test_a_file_that_changed_after_it_was_chosen_is_told(desk, bia, tmp_path):
    path, before = tmp_path / "relatório.txt", len(desk.messages())
    path.write_bytes(content(2_000_000))
    desk.bucket.breaks = True
    editor(bia).fill("Com o relatório")
    bia.set_input_files("input[type=file]", [path])
    expect(bia.get_by_text("não subiu", exact=True)).to_be_visible()
    path.write_bytes(b"outro")
    os.utime(path, (1, 1))
    bia.get_by_role("button", name="Tentar de novo").click()
    expect(bia.locator(".chosen").get_by_role("alert")).to_contain_text("O arquivo mudou")
    expect(editor(bia)).to_have_text("Com o relatório")
    assert desk.bucket.uploads == []
    assert len(desk.messages()) == before


SHORTER = """() => {
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (body) {
        XMLHttpRequest.prototype.send = send;
        send.call(this, body.slice(0, body.size - 1));
    };
}"""
OTHER = SHORTER.replace("body.slice(0, body.size - 1)", "new Blob(['x'.repeat(body.size)])")


@pytest.mark.parametrize(("change", "code"), [(SHORTER, "SignatureDoesNotMatch"), (OTHER, "BadDigest"), ("late", "AccessDenied")])
@pytest.mark.parametrize(
    ("locale", "words", "again"),
    [
        ("pt-BR", "não aceitou o arquivo", "Tentar de novo"),
        ("en-US", "did not take the file", "Try again"),
        ("es-ES", "no aceptó el archivo", "Intentar de nuevo"),
    ],
)
def test_what_the_bucket_refuses_is_told_in_the_persons_language(desk, change, code, locale, words, again):
    page, before = desk.page(locale), len(desk.messages())
    desk.enter(page, "/app/solicitacoes/1", "Maria Conceição")
    editor(page).fill("Com arquivo")
    if change == "late":
        desk.bucket.ahead = 3600
    else:
        page.evaluate(change)
    choose(page, content(50_000))
    alert = page.locator(".chosen").get_by_role("alert")
    expect(alert).to_contain_text(words)
    assert desk.bucket.refusals == [code]
    expect(editor(page)).to_have_text("Com arquivo")
    desk.bucket.ahead = 0
    page.get_by_role("button", name=again).click()
    expect(page.locator(".chosen progress")).to_have_count(0)
    expect(alert).to_have_count(0)
    editor(page).press("Control+Enter")
    expect(editor(page)).to_have_text("")
    assert [message["text"] for message in desk.messages()[before:]] == ["Com arquivo"]
    page.context.close()


def test_the_bucket_of_this_suite_is_as_strict_as_s3(desk):
    """What the other tests rest on: a place takes its file, from the console's page, while it lasts."""
    sent = content(1000)
    made = offer(desk, sent)

    def put(bytes_, status, url=made["url"], **headers):
        answer = requests.put(url, data=bytes_, headers=made["headers"] | headers, verify=False, timeout=30)
        assert answer.status_code == status, answer.text

    put(sent + b"x", 403)
    put(sent[:-1], 403)
    put(content(999) + b"x", 400)
    put(sent, 403, **{"x-amz-checksum-sha256": "x"})
    put(sent, 403, **{"x-amz-acl": "public-read"})
    put(sent, 403, url=made["url"].replace("/uploads/", "/attachments/"))
    put(sent, 403, url=made["url"].split("?")[0])
    desk.bucket.ahead = 3600
    put(sent, 403)
    desk.bucket.ahead = 0
    put(sent, 200)
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type,x-amz-checksum-sha256"}
    for origin, method, headers, status in [
        (desk.gateway.address, "PUT", {}, 200),
        ("https://elsewhere.example", "PUT", {}, 403),
        (desk.gateway.address, "DELETE", {}, 403),
        (desk.gateway.address, "PUT", {"Access-Control-Request-Headers": "x-other"}, 403),
    ]:
        question = asked | {"Origin": origin, "Access-Control-Request-Method": method} | headers
        assert requests.options(made["url"], headers=question, verify=False, timeout=30).status_code == status
