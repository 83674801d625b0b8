#!/bin/sh
# Takes a stack out of use in SES before it is deleted, also one whose first deployment failed:
#     sh infra/detach.sh STACK
# Identities stay when a stack goes, and its configuration set does not. SES refuses every mail of an identity
# whose default configuration set is gone, so that default is removed first; then deactivate.sh is run.
set -euf
stack=$1
refused=$(mktemp)
trap 'rm -f "$refused"' EXIT
trap 'exit 1' HUP INT TERM
given=$(aws cloudformation describe-stacks --stack-name "$stack" --output text --query \
    "Stacks[0].Parameters[?ParameterKey=='MailIdentity' || ParameterKey=='FurtherIdentities'].ParameterValue")
for identity in $(printf '%s' "$given" | tr ',' ' '); do
    if ! default=$(aws sesv2 get-email-identity --email-identity "$identity" --query ConfigurationSetName --output text 2>"$refused"); then
        if ! grep -q NotFoundException "$refused"; then
            cat "$refused" >&2
            exit 1
        fi
        echo "$identity is not an identity of SES: nothing to do"
    # The set has the stack's name. A rollback may have deleted it already, so the stack is not asked.
    elif [ "$default" = "$stack" ]; then
        aws sesv2 put-email-identity-configuration-set-attributes --email-identity "$identity"
        echo "$identity has no default configuration set any more"
    else
        echo "$identity does not use the configuration set $stack (its default is $default): nothing to do"
    fi
done
sh "$(dirname "$0")/deactivate.sh" "$stack"
