#!/bin/sh
# Makes no receipt rule set of SES the active one, if the active one is this stack's:
#     sh infra/deactivate.sh STACK
# SES does not delete an active rule set: do it before the stack's ReplyDomain or its rule set goes.
# Before the stack itself goes, infra/detach.sh does it too.
set -eu
stack=$1
ours=$(aws cloudformation list-stack-resources --stack-name "$stack" --output text --query \
    "StackResourceSummaries[?LogicalResourceId=='ReceiptRules' && ResourceStatus!='DELETE_COMPLETE'].PhysicalResourceId")
if [ -z "$ours" ] || [ "$ours" = None ]; then
    echo "the stack $stack has no receipt rule set: nothing to do"
    exit 0
fi
active=$(aws ses describe-active-receipt-rule-set --query Metadata.Name --output text)
if [ "$active" = "$ours" ]; then
    aws ses set-active-receipt-rule-set
    echo "$ours is not active any more: mail to the reply domain is refused from now on"
else
    echo "$ours is not the active rule set (that is $active): nothing to do"
fi
