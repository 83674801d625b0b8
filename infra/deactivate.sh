#!/bin/sh
# Makes no receipt rule set of SES the active one, if the active one is this stack's:
#     sh infra/deactivate.sh STACK
# SES does not delete an active rule set: do it before the stack, its ReplyDomain or its rule set goes.
set -eu
stack=$1
ours=$(aws cloudformation describe-stack-resource --stack-name "$stack" \
    --logical-resource-id ReceiptRules --query StackResourceDetail.PhysicalResourceId --output text)
active=$(aws ses describe-active-receipt-rule-set --query Metadata.Name --output text)
if [ "$active" = "$ours" ]; then
    aws ses set-active-receipt-rule-set
    echo "$ours is not active any more: mail to the reply domain is refused from now on"
else
    echo "$ours is not the active rule set (that is $active): nothing to do"
fi
