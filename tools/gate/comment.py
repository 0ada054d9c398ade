#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""comment.py FILE: the text of FILE as the one comment of the gate on a pull request, made, or changed where it is
there. Whoever may not write (a fork's token) is told so; that, or a service that does not answer, is no failure, since
the summary has it all. Reads GATE_TOKEN, GATE_PULL, GATE_KEY, GITHUB_REPOSITORY and GITHUB_API_URL."""

import json
import os
import re
import sys
import urllib.error
import urllib.request

MOST = 60000    # characters; GitHub takes 65536
PAGES = 30
TIMEOUT_S = 30


def ask(path, method="GET", content=None):
    api = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    request = urllib.request.Request(
        f"{api}/repos/{os.environ['GITHUB_REPOSITORY']}{path}", method=method,
        data=None if content is None else json.dumps(content).encode(),
        headers={"Authorization": f"Bearer {os.environ['GATE_TOKEN']}", "Accept": "application/vnd.github+json",
                 "Content-Type": "application/json", "X-GitHub-Api-Version": "2022-11-28"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def is_ours(comment, marker):
    """What a stranger began with the marker is left alone."""
    return comment["body"].startswith(marker) and (
        comment["user"]["type"] == "Bot" or comment["author_association"] in ("OWNER", "MEMBER", "COLLABORATOR"))


def find(pull, marker):
    for page in range(1, PAGES + 1):
        comments = ask(f"/issues/{pull}/comments?per_page=100&page={page}")
        for comment in comments:
            if is_ours(comment, marker):
                return comment["id"]
        if len(comments) < 100:
            break
    return None


def write(text):
    pull = os.environ["GATE_PULL"]
    marker = f"<!-- anechoic-gate {re.sub('[^A-Za-z0-9_.]', '_', os.environ.get('GATE_KEY') or 'default')} -->\n"
    if len(text) > MOST:
        text = text[:MOST].rpartition("\n")[0] + "\n\nThe rest is in the job's summary.\n"
    found = find(pull, marker)
    if found is None:
        ask(f"/issues/{pull}/comments", "POST", {"body": marker + text})
    else:
        ask(f"/issues/comments/{int(found)}", "PATCH", {"body": marker + text})
    return "written" if found is None else "changed"


def main():
    if not os.environ.get("GATE_TOKEN") or not re.fullmatch("[0-9]+", os.environ.get("GATE_PULL") or ""):
        print("gate: no token, or no pull request: no comment, the summary has it all")
        return
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        text = file.read()
    try:
        print(f"gate: the comment is {write(text)}")
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 404):
            print(f"gate: the token may write no comment ({error.code}): the summary has it all")
        else:
            print(f"::warning::gate: no comment: {error.code} from the service")
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"::warning::gate: no comment: {type(error).__name__}")


if __name__ == "__main__":
    main()
