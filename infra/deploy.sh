#!/bin/sh
# Checks tools and credentials, builds, and deploys: what `make deploy` runs.
#     sh infra/deploy.sh [options of sam deploy]
# The first time it asks for the parameters (`--guided`) and keeps the answers in samconfig.toml.
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
needs "AWS CLI" 1.27 "aws --version" https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html
[ "$trouble" -eq 0 ] || exit 1
if ! account=$(aws sts get-caller-identity --query Account --output text 2>/dev/null); then
    echo "AWS takes no credentials from this shell: run aws configure, or set AWS_PROFILE" >&2
    exit 1
fi
echo "account $account"
guided=
grep -q '^parameter_overrides' samconfig.toml || [ "$#" -gt 0 ] || guided=--guided
architecture=$(sed -n 's/^parameter_overrides.*Architecture=\\*"*\([a-z0-9_]*\).*/\1/p' samconfig.toml)
sam build --parameter-overrides "Architecture=${architecture:-arm64}"
exec sam deploy $guided "$@"
