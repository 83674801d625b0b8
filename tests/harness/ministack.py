"""The AWS emulator with the real stack in it: table, stream, schedule, roles, functions, HTTP API."""

import json
import os
import subprocess
from pathlib import Path

import boto3
import requests

from .process import Process, free_port, wait_for
from .recorder import Recorder
from .template import Template, as_list

STACK = "mensageria"
REGION = "us-east-1"
# The account that an access key without a meaning of its own belongs to.
ROOT_KEY = "test"


class Ministack:
    """One emulator process group and the recorder in front of its functions.

    `AUTH` makes the emulator evaluate IAM policies: a function that lacks a permission is refused.
    """

    def __init__(self, logs):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.recorder = Recorder(self.port)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
            "BIND_HOST": "127.0.0.1",
            # It would listen on every address.
            "IOT_MTLS_ENABLED": "false",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            # Handed on to the functions.
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.recorder.port}",
        }
        program = Path(os.environ["MENSAGERIA_VENV"]) / "bin/ministack"
        self.process = Process([program], Path(logs) / "ministack.log", environment)
        self.process.wait_until_listening(self.port)
        wait_for("answer of the emulator", lambda: requests.get(f"{self.url}/_ministack/ready", timeout=5).ok)

    def client(self, service):
        """A boto3 client as the account's root."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ROOT_KEY,
            aws_secret_access_key=ROOT_KEY,
        )

    def environment(self):
        """The environment of a program that takes the emulator for AWS."""
        return os.environ | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
        }

    def sent_mails(self):
        """The mails that the emulator's SES took, oldest first."""
        accounts = requests.get(f"{self.url}/_ministack/ses/messages", timeout=5).json()["messages"]
        return sorted((mail for mails in accounts.values() for mail in mails), key=lambda mail: mail["Timestamp"])

    def dead_letters(self):
        """What is in the dead-letter queue, looked at without taking it out: its policy refuses plain HTTP."""
        accounts = requests.get(f"{self.url}/_ministack/sqs/messages", timeout=5).json()["messages"]
        queues = [queue for regions in accounts.values() for queues in regions.values() for queue in queues.items()]
        found = [messages for url, messages in queues if "DeadLetters" in url]
        assert len(found) == 1
        return found[0]

    def end(self):
        """Ends the emulator, its functions, and the recorder."""
        self.process.end()
        self.recorder.end()


def sam(ministack, folder, log, *arguments):
    """One command of the SAM CLI that speaks to the emulator, and must succeed."""
    done = subprocess.run(
        ["sam", *arguments, "--region", REGION], cwd=folder, env=ministack.environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    Path(log).write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]


class Deployment:
    """A stack deployed by `sam deploy` from what `sam build` made: what CloudFormation tells of it."""

    def __init__(self, ministack, built, name, logs):
        self.ministack, self.name = ministack, name
        self._built, self._logs = Path(built), logs
        ministack.client("s3").create_bucket(Bucket="artifacts")

    def deploy(self, parameters):
        """Makes or updates it."""
        sam(
            self.ministack, self._built.parent, Path(self._logs, f"sam-deploy-{self.name}.log"),
            "deploy", "--template-file", str(self._built), "--stack-name", self.name, "--s3-bucket", "artifacts",
            "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset",
            "--parameter-overrides", *(f'{name}="{value}"' for name, value in parameters.items()),
        )  # fmt: skip
        formation = self.ministack.client("cloudformation")
        described = formation.describe_stacks(StackName=self.name)["Stacks"][0]
        self.status = described["StackStatus"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
        self.resources = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in formation.describe_stack_resources(StackName=self.name)["StackResources"]
        }
        return self

    def delete(self):
        """Takes it away."""
        arguments = ("delete", "--stack-name", self.name, "--no-prompts")
        sam(self.ministack, self._built.parent, Path(self._logs, f"sam-delete-{self.name}.log"), *arguments)


class Stack(Deployment):
    """The stack of the suite, with what the emulator leaves out added to it."""

    def __init__(self, ministack, built, parameters, logs):
        super().__init__(ministack, built, STACK, logs)
        self.deploy(parameters)
        self.template = Template.read(Path(built).parents[2] / "template.yaml")
        self._add_routes(parameters)
        self._widen_sending()
        self._let_plain_http_into_the_bucket()

    def _let_plain_http_into_the_bucket(self):
        """The emulator is spoken to over plain HTTP, and mails come from the suite: the bucket's policy refuses both."""
        s3, bucket = self.ministack.client("s3"), self.resources["Files"]
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        policy["Statement"] = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    def _widen_sending(self):
        """The emulator authorises a `SendEmail` on the resource `*` alone, so what a role allows on the identity it allows on `*` too."""
        for function in self.template.functions:
            allowed = {action for statement in function.statements for action in as_list(statement["Action"])}
            if sending := sorted(allowed & {"ses:SendEmail", "ses:SendRawEmail"}):
                statement = {"Effect": "Allow", "Action": sending, "Resource": "*"}
                self.ministack.client("iam").put_role_policy(
                    RoleName=self.resources[function.properties["Role"]["Fn::GetAtt"][0]],
                    PolicyName="emulated-sending",
                    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
                )

    def function_arn(self, logical_id):
        """ARN of a deployed function."""
        functions = self.ministack.client("lambda")
        return functions.get_function(FunctionName=self.resources[logical_id])["Configuration"]["FunctionArn"]

    def _add_routes(self, parameters):
        """The emulator makes an HTTP API without the routes of its OpenAPI body: add them from the template."""
        api = self.ministack.client("apigatewayv2")
        self.api_id = self.resources["Api"]
        authorizer = api.create_authorizer(
            ApiId=self.api_id,
            Name="Token",
            AuthorizerType="JWT",
            IdentitySource=[self.template.resources["Api"]["Properties"]["Auth"]["Authorizers"]["Token"]["IdentitySource"]],
            JwtConfiguration={"Issuer": parameters["JwtIssuer"], "Audience": [parameters["JwtAudience"]]},
        )["AuthorizerId"]
        for function in self.template.functions:
            routes = [event["Properties"] for event in function.events.values() if event["Type"] == "HttpApi"]
            if not routes:
                continue
            integration = api.create_integration(
                ApiId=self.api_id,
                IntegrationType="AWS_PROXY",
                IntegrationUri=self.function_arn(function.logical_id),
                PayloadFormatVersion="2.0",
            )["IntegrationId"]
            for route in routes:
                is_open = "Auth" not in route
                api.create_route(
                    ApiId=self.api_id,
                    RouteKey=f"{route['Method']} {route['Path']}",
                    Target=f"integrations/{integration}",
                    **({} if is_open else {"AuthorizationType": "JWT", "AuthorizerId": authorizer}),
                )
        stages = [stage["StageName"] for stage in api.get_stages(ApiId=self.api_id)["Items"]]
        if "$default" not in stages:
            api.create_stage(ApiId=self.api_id, StageName="$default", AutoDeploy=True)

    def request(self, method, path, token=None, **options):
        """A request to the HTTP API as a client sends it."""
        headers = options.pop("headers", {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # By path: by host the emulator would answer /health itself.
        url = f"{self.ministack.url}/_aws/execute-api/{self.api_id}/$default{path}"
        return requests.request(method, url, headers=headers, timeout=60, **options)

    def logs(self, name):
        """What a function logged."""
        client = self.ministack.client("logs")
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{STACK}/{name}")
        return [event["message"] for page in pages for event in page["events"]]


class People:
    """A user pool with one user a role: their ID tokens are what the API's authorizer verifies."""

    def __init__(self, ministack):
        self.ministack = ministack
        self._client = ministack.client("cognito-idp")
        self.pool = self._client.create_user_pool(PoolName="people", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
        self.audience = self._client.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="portal",
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]
        self.issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool}"
        for role in ("requester", "technician", "admin", "integration"):
            self._client.create_group(UserPoolId=self.pool, GroupName=role)

    def token(self, email, name, *groups):
        """The ID token of a new user."""
        self._client.admin_create_user(
            UserPoolId=self.pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
                {"Name": "name", "Value": name},
            ],
        )
        password = "Correct-horse-7-battery"
        self._client.admin_set_user_password(UserPoolId=self.pool, Username=email, Password=password, Permanent=True)
        for group in groups:
            self._client.admin_add_user_to_group(UserPoolId=self.pool, Username=email, GroupName=group)
        return self._client.admin_initiate_auth(
            UserPoolId=self.pool,
            ClientId=self.audience,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )["AuthenticationResult"]["IdToken"]


