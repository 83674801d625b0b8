#!/bin/sh
# Checks tools and credentials, builds, and deploys: what `make deploy` runs.
#     sh infra/deploy.sh [options of sam deploy]
# It asks for the parameters (`--guided`) where samconfig.toml has no answers for the environment (`--config-env`),
# and keeps them there.
set -eu
cd "$(dirname "$0")/.."
trouble=0
# Whether version $1 is $2 or later, part by part.
at_least() {
    awk -v have="$1" -v want="$2" 'BEGIN {
        split(have, h, "."); n = split(want, w, ".")
        for (i = 1; i <= n; i++) { if (h[i] + 0 > w[i] + 0) exit 0; if (h[i] + 0 < w[i] + 0) exit 1 }
    }'
}
# A tool, the version that is wanted, the command that prints its own, and where it is from.
needs() {
    printed=$($3 2>/dev/null) || printed=
    version=$(printf '%s' "$printed" | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1)
    if [ -z "$version" ]; then
        echo "$1 is not here: version $2 or later is needed, see $4" >&2
        trouble=1
    elif ! at_least "$version" "$2"; then
        echo "$1 is $version: version $2 or later is needed, see $4" >&2
        trouble=1
    fi
}
needs "SAM CLI" 1.165 "sam --version" https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html
needs cargo-lambda 1.9 "cargo lambda --version" https://www.cargo-lambda.info
needs Rust 1.95 "rustc --version" https://rustup.rs
if ! zig version >/dev/null 2>&1 && ! python3 -m ziglang version >/dev/null 2>&1; then
    echo "zig is not here: it links the functions, see https://ziglang.org/download (or pip install ziglang)" >&2
    trouble=1
fi
# docs/OPERATIONS.md warms the table up and takes its protection off, which came to both versions at the end of 2024.
case $(aws --version 2>/dev/null) in aws-cli/2.*) cli=2.22 ;; *) cli=1.36 ;; esac
needs "AWS CLI" "$cli" "aws --version" https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html
# For the scripts beside this one.
needs jq 1.5 "jq --version" https://jqlang.org
needs curl 7.58 "curl --version" https://curl.se
[ "$trouble" -eq 0 ] || exit 1
if ! account=$(aws sts get-caller-identity --query Account --output text 2>/dev/null); then
    echo "AWS takes no credentials from this shell: run aws configure, or set AWS_PROFILE" >&2
    exit 1
fi
echo "account $account"

# Which answers of samconfig.toml are used, and for which stack: options of sam deploy may say so.
environment=default stack= overrides= previous=
for option in "$@"; do
    case $previous in
        --config-env) environment=$option ;;
        --stack-name) stack=$option ;;
    esac
    case $option in
        --config-env=*) environment=${option#*=} ;;
        --stack-name=*) stack=${option#*=} ;;
        --parameter-overrides | --parameter-overrides=*) overrides=$* ;;
    esac
    previous=$option
done
# The lines of one setting of this environment for `sam deploy`.
saved() {
    awk -v section="[$environment.deploy.parameters]" -v name="$1" '
        { sub(/\r$/, "") }
        /^ *#/ { next }
        /^\[/ { inside = ($0 == section); found = 0 }
        inside && /^[A-Za-z_]+ *=/ { found = ($1 == name) }
        found { print }' samconfig.toml
}
answers=$(saved parameter_overrides)
guided=
if [ -z "$overrides" ]; then
    of=$(saved stack_name | sed -n 's/.*= *"\(.*\)".*/\1/p')
    if [ -z "$answers" ]; then
        guided=--guided
    elif [ -n "$stack" ] && [ "$stack" != "${of:-$stack}" ]; then
        echo "the answers in samconfig.toml ([$environment.deploy.parameters]) are those of the stack $of. For $stack give" \
            "DEPLOY=\"--config-env $stack --stack-name $stack\": it asks for answers of its own" >&2
        exit 1
    fi
fi
architecture=$(printf '%s' "${overrides:-$answers}" | tr '\n' ' ' |
    sed -nE 's/.*Architecture(,ParameterValue)?=\\*"?(arm64|x86_64).*/\2/p')
architecture=${architecture:-arm64}
sam build --parameter-overrides "Architecture=$architecture"
# What was built for one instruction set does not run on the other: the template that is deployed takes no other answer.
built=.aws-sam/build/template.yaml
awk -v built="$architecture" '
    /^[^ ]/ { part = $1 }
    /^  [^ ]/ { inside = (part == "Parameters:" && $1 == "Architecture:") }
    inside && $1 == "Default:" { sub(/Default:.*/, "Default: " built) }
    inside && $1 == "-" && $2 != built { next }
    inside && $1 == "-" { kept = 1 }
    { print }
    END { exit !kept }' "$built" >"$built.new"
mv "$built.new" "$built"
exec sam deploy $guided "$@"
