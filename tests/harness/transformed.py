"""What CloudFormation gets: the template after SAM's transform, with its parameters filled in.

`sam deploy` hands the short form to CloudFormation, which transforms it with the translator that is pinned in
`tests/requirements-sam.txt`. Mistakes that only the long form shows are looked for there.
"""

import copy
import os
import re

from samtranslator.translator.transform import transform

REGION = "us-east-1"
_NOTHING = object()


class _NoManagedPolicies:
    """Managed policies by name: the template uses the name of one alone, by its ARN."""

    @staticmethod
    def load():
        return {}


class Transformed:
    """One template as it is deployed under one name with one set of parameters."""

    def __init__(self, template, given, stack="mensageria"):
        declared = template.document["Parameters"]
        unknown = set(given) - set(declared)
        assert not unknown, f"no such parameter: {unknown}"
        self.parameters = {name: str(given.get(name, one.get("Default", ""))) for name, one in declared.items()}
        self.stack = stack
        source = copy.deepcopy(template.document)
        # `sam build` puts an address in the place of the folder.
        for name, resource in source["Resources"].items():
            if "CodeUri" in resource.get("Properties", {}):
                resource["Properties"]["CodeUri"] = f"s3://artifacts/{name}"
        os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
        self.document = transform(source, dict(self.parameters), _NoManagedPolicies())
        self.resources = {
            name: self._value(resource)
            for name, resource in self.document["Resources"].items()
            if self._holds(resource.get("Condition"))
        }
        self.outputs = {
            name: self._value(output)
            for name, output in self.document["Outputs"].items()
            if self._holds(output.get("Condition"))
        }

    def of_type(self, kind):
        """Resources of one type by logical id."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}

    def _holds(self, condition):
        return condition is None or self._truth(self.document["Conditions"][condition])

    def _truth(self, test):
        match test:
            case {"Fn::Not": [one]}:
                return not self._truth(one)
            case {"Fn::And": several}:
                return all(map(self._truth, several))
            case {"Fn::Or": several}:
                return any(map(self._truth, several))
            case {"Condition": name}:
                return self._holds(name)
            case {"Fn::Equals": [left, right]}:
                return str(self._value(left)) == str(self._value(right))
        raise AssertionError(f"a condition that is not read here: {test}")

    def _value(self, value):
        match value:
            case {"Ref": "AWS::NoValue"}:
                return _NOTHING
            case {"Ref": name} if name in self.parameters:
                declared = self.document["Parameters"][name]["Type"]
                text = self.parameters[name]
                return text.split(",") if declared == "CommaDelimitedList" else text
            case {"Ref": "AWS::StackName"}:
                return self.stack
            case {"Fn::If": [condition, yes, no]}:
                return self._value(yes if self._holds(condition) else no)
            case {"Fn::Join": [separator, parts]} if all(isinstance(part, str) for part in self._value(parts)):
                return separator.join(self._value(parts))
            case {"Fn::Split": [separator, text]} if isinstance(self._value(text), str):
                return self._value(text).split(separator)
            case {"Fn::Sub": str(text)}:
                return {"Fn::Sub": re.sub(r"\$\{([A-Za-z0-9:]+)\}", self._named, text)}
            case dict():
                filled = {key: self._value(one) for key, one in value.items()}
                return {key: one for key, one in filled.items() if one is not _NOTHING}
            case list():
                return [one for one in map(self._value, value) if one is not _NOTHING]
        return value

    def _named(self, found):
        """What `${Name}` stands for where that is known before the deployment."""
        known = self.parameters | {"AWS::StackName": self.stack}
        return known.get(found.group(1), found.group(0))
