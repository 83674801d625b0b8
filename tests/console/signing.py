"""The console as AWS serves it, in front of a strict provider, and windows that sign in there."""

import os
import re

import urllib3

from conftest import REPO
from harness.gateway import Gateway
from harness.oidc import CLIENT, Provider

urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def registered(name):
    """The path of the console that the template registers with a user pool."""
    return re.search(rf'{name}: .*"\$\{{ConsoleUrl\}}([^"]*)"', (REPO / "template.yaml").read_text())[1]


class Signing:
    """A provider, the console that knows it in front of an API, and windows."""

    def __init__(self, kind, api, folder, chromium, **settings):
        self.chromium = chromium
        self.provider = Provider(folder, kind)
        settings = {"LOGIN_ISSUER": self.provider.issuer, "LOGIN_CLIENT_ID": CLIENT} | settings
        self.gateway = Gateway(api, self.provider, os.environ | settings, folder)
        # As the template registers them for the pool that the stack makes.
        self.provider.redirects.add(self.gateway.address + registered("CallbackURLs"))
        self.provider.after_sign_out.add(self.gateway.address + registered("LogoutURLs"))
        self.complaints = []

    def page(self, locale="pt-BR"):
        """A window of its own."""
        # Nobody signed the provider's certificate.
        context = self.chromium.new_context(base_url=self.gateway.address, locale=locale, ignore_https_errors=True)
        context.set_default_timeout(20_000)
        return self.tab(context)

    def tab(self, context):
        """Another tab of a window."""
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(f"{message.text} {message.location['url']}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def enter(self, page, path, name):
        """Opens an address and signs in to see it."""
        page.goto(path)
        page.get_by_role("button", name=ENTER).click()
        page.get_by_role("button", name=name).click()

    def end(self):
        """Ends both."""
        self.gateway.end()
        self.provider.end()


# The button of the sign-in page, in each language.
ENTER = re.compile("Entrar com a conta da organização|Sign in with your organisation|Entrar con la cuenta")
