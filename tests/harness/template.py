"""Reads `template.yaml`: its functions, what their roles allow, and what their code is told."""

import json
from pathlib import Path

import yaml


class _Loader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation, `!Ref x` read as `{"Ref": "x"}`."""


def _intrinsic(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def as_list(value):
    """A policy writes one thing bare and several as a list."""
    return value if isinstance(value, list) else [value]


def sample_settings(repo):
    """The settings of `env.json` by the logical id of their function, as the SAM CLI reads them."""
    document = json.loads((repo / "env.json").read_text())
    shared = document.pop("Parameters")
    return {function: shared | own for function, own in document.items()}


class Function:
    """One `AWS::Serverless::Function`."""

    def __init__(self, template, logical_id, resource):
        self.template = template
        self.logical_id = logical_id
        self.properties = resource["Properties"]
        self.metadata = resource.get("Metadata", {})
        # functions/sender → sender
        self.name = Path(self.properties["CodeUri"]).name

    @property
    def statements(self):
        """Statements of every inline policy of the function's role."""
        role = self.template.resources[self.properties["Role"]["Fn::GetAtt"][0]]
        return [
            statement
            for policy in role["Properties"]["Policies"]
            for statement in as_list(policy["PolicyDocument"]["Statement"])
            # One that depends on a condition counts as if the condition held.
            for statement in [statement.get("Fn::If", [None, statement])[1]]
        ]

    @property
    def environment(self):
        """Names of the environment variables that the function gets."""
        shared = self.template.document["Globals"]["Function"]["Environment"]["Variables"]
        return set(shared) | set(self.properties.get("Environment", {}).get("Variables", {}))

    @property
    def events(self):
        """Event sources by name."""
        return self.properties.get("Events", {})


class Template:
    """The whole template."""

    def __init__(self, document):
        self.document = document
        self.resources = document["Resources"]
        self.functions = [
            Function(self, logical_id, resource)
            for logical_id, resource in self.resources.items()
            if resource["Type"] == "AWS::Serverless::Function"
        ]

    @classmethod
    def read(cls, path):
        """Reads a file."""
        return cls(yaml.load(Path(path).read_text(), Loader=_Loader))

    @property
    def table(self):
        """What CreateTable takes of the table, without what an emulator has no use for."""
        (table,) = self.of_type("AWS::DynamoDB::Table").values()
        properties = table["Properties"]
        parts = ("IndexName", "KeySchema", "Projection")
        indexes = [{part: index[part] for part in parts} for index in properties["GlobalSecondaryIndexes"]]
        taken = {name: properties[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema")}
        return taken | {"GlobalSecondaryIndexes": indexes}

    def of_type(self, kind):
        """Resources of one type by logical id."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}
