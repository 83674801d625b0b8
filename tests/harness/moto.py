"""moto as DynamoDB, S3 and SES for functions that run outside the stack: a second, independent emulator."""

import os
from pathlib import Path

import boto3

from .process import Process, free_port


class Moto:
    """One moto server with the table of the template, a bucket with the mails of the events, and a verified sender."""

    TABLE = "mensageria"
    FILES = "mensageria-files"

    def __init__(self, template, logs):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        program = Path(os.environ["MENSAGERIA_VENV"]) / "bin/moto_server"
        self.process = Process([program, "-H", "127.0.0.1", "-p", str(self.port)], Path(logs) / f"moto-{self.port}.log")
        self.process.wait_until_listening(self.port)
        self.client("dynamodb").create_table(TableName=self.TABLE, **template.table)
        files = self.client("s3")
        files.create_bucket(Bucket=self.FILES)
        for mail in sorted(Path(__file__).parents[1].glob("events/inbound/*.eml")):
            files.put_object(Bucket=self.FILES, Key=f"inbound/{mail.stem}", Body=mail.read_bytes())
        self.client("sesv2").create_email_identity(EmailIdentity="desk@example.com")

    def client(self, service):
        """A boto3 client of this server."""
        return boto3.client(
            service, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )

    def end(self):
        """Ends the server."""
        self.process.end()
