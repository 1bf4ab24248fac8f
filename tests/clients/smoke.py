"""Speaks to a running server through the generated Python client. HEADROOM_URL and HEADROOM_KEY say which."""

import os

import httpx
from headroom_api_client import AuthenticatedClient
from headroom_api_client.api.invites import create_invite, get_invite, list_invites, revoke_invite
from headroom_api_client.api.organization import get_credits, get_organization
from headroom_api_client.api.whitelabel import create_whitelabel_model
from headroom_api_client.models import (
    Balance, CreatedInvite, CreateInvite, CreateModel, InviteList, InviteStatus, OneInvite, OneOrganization, OpenedModel, Refusal,
    RevokedInvite, RevokeInvite,
)

url = os.environ["HEADROOM_URL"]
headroom = AuthenticatedClient(base_url=url, token=os.environ["HEADROOM_KEY"])

organization = get_organization.sync(client=headroom)
assert isinstance(organization, OneOrganization), organization
assert organization.organization.name == "Northlight Studio"
team = organization.organization.teams[0].id

balance = get_credits.sync(client=headroom)
assert isinstance(balance, Balance) and balance.credits_ == 25, balance

email = "python@clients.example"
invited = create_invite.sync(client=headroom, body=CreateInvite(email=email, team_id=team), idempotency_key="python-1")
assert isinstance(invited, CreatedInvite) and invited.team_id == team, invited

page = list_invites.sync(client=headroom, limit=1)
assert isinstance(page, InviteList), page
newest = page.invites[0]
assert (newest.email, newest.status) == (email, InviteStatus.PENDING), newest
assert newest.created_at.utcoffset() is not None

one = get_invite.sync(email, client=headroom)
assert isinstance(one, OneInvite) and one.invite.status is InviteStatus.PENDING, one

revoked = revoke_invite.sync(client=headroom, body=RevokeInvite(email=email))
assert isinstance(revoked, RevokedInvite) and revoked.message == "Invite revoked", revoked

model = create_whitelabel_model.sync(client=headroom, body=CreateModel(email="python@guests.example", is_development=True))
assert isinstance(model, OpenedModel), model
# It signs its person in and leads on.
assert httpx.get(model.signed_url).status_code == 303

# An error is a value with a type: what worked can't be mistaken for it.
refused = get_organization.sync_detailed(client=AuthenticatedClient(base_url=url, token="hr_nobody"))
assert refused.status_code == 401
assert isinstance(refused.parsed, Refusal) and refused.parsed.code == "UNAUTHORIZED", refused
