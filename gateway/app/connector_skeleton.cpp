#include "gateway/app/connector_skeleton.hpp"

#include "gateway/base/text.hpp"

namespace tributary::app {
namespace {

constexpr const char* kConnector = R"yaml(# One sentence: what this system is, and what is read and written here.
# Every key: config/reference.md, "connector". Beside it lie a README and fixtures: recorded answers that are replayed.
connector: @NAME@
title: @NAME@
family: @FAMILY@
# live: a test ran it against the real system; recorded: against recorded answers; written: from documentation alone
verified: written
facts:
  sources: [ "the address of the API's documentation" ]
  unverified: [ "everything: this is the skeleton" ]

# What the operator of a gateway sets: {settings.NAME} below. A setting without a default is required.
settings:
  url: { type: url, description: "where the API lies, such as https://api.example.com/v1" }
# The fields of the connection's secret: {credentials.NAME} below.
credentials:
  key: { description: "the API key, and where in the system's console it is made" }

# Paths below are appended to this; only its host ever sees the credentials.
base_url: "{settings.url}"
# A token: { type: header, name: Authorization, value: "Bearer {credentials.token}" }. Others: basic, query, session,
# oauth2, signature; see the reference.
auth: { type: header, name: X-Api-Key, value: "{credentials.key}" }
# What the documentation says about limits: so many calls at once, and how fast they come back.
rate_budget: { type: bucket, capacity: 10, refill: 5/s }
# What answers mean where the status does not say it: the first rule that holds counts.
errors:
  - { when: { status: 423 }, fault: unauthorized, message: "the account is locked: look into the system's console" }
# One cheap call that proves address and credentials.
check: { path: /records }

streams:
  records:
    description: what it holds, and which of its records
    request: { path: /records }
    records: data                       # where in the answer the list stands; "." when the answer is the list
    key: id                             # the field that tells a record for good
    # Only what changed since the last run. Take this line out when the API cannot say it: each run then reads all.
    cursor: { field: updated_at, parameter: updated_since, lookback: 5m }
    # Others: offset, token, next_url, link_header, keyset, none.
    pages: { type: number, parameter: page, size: 100, size_parameter: limit, until_short: true }

# actions:
#   upsert_record:
#     description: makes or changes a record by our key
#     idempotency: natural_key
#     request: { method: PUT, path: "/records/{record.id}", body: "{record}" }
)yaml";

constexpr const char* kReadme = R"(# @NAME@

What it connects, in one sentence. Checked: **written** (see `verified` in [connector.yaml](connector.yaml)).

## Set up

1. In the system's console: where the API key is made, and which rights it needs.
2. `tributary secret set @NAME@ key` and paste it.
3. In `gateway.yaml`:

```
connections:
  @NAME@:
    connector: @NAME@
    credentials: ${secret:@NAME@}
    settings: { url: "https://api.example.com/v1" }
    streams:
      records: { mapping: @NAME@/record, schedule: "*/15 * * * *" }
```

4. `tributary connector test @NAME@` reads one page of each stream and says what the mapping makes of it.

## Unverified

Everything: this is the skeleton. Say here what nobody has seen yet.
)";

constexpr const char* kFixture =
    R"yaml(# A conversation: what is asked, what is answered, what must come of it. The contract suite replays it, and repeats,
# refuses, throttles and cuts its first pull. `connector test @NAME@ --save-fixtures FOLDER` writes such files from a
# live run.
title: one page of records
connector: @NAME@
settings: { url: "https://api.example.com/v1" }
credentials: { key: fixture-key }
steps:
  - pull: records
    exchange:
      - request: { url: "https://api.example.com/v1/records?page=1&limit=100", headers: { X-Api-Key: fixture-key } }
        answer: { body: { data: [ { id: "7", name: Anna Berg, email: anna@example.com, updated_at: "2026-01-05T10:00:00Z" } ] } }
    expect: { keys: [ "7" ], last: true }
)yaml";

constexpr const char* kMapping =
    R"yaml(# Which field of theirs is which of ours. `tributary map @NAME@/record FILE` shows every field of one record;
# `tributary mapping test @NAME@/record` runs the tests below. Entities and fields: config/reference.md.
mapping: @NAME@/record
to: contact
fields:
  customer_number: { from: id, as: text }
  name.full: name
  emails: [ email ]
  # phones: [ { from: mobile, region: country, label: mobile } ]
  updated_at: updated_at
tests:
  - name: a record as the documentation shows it
    given: { id: "7", name: Anna Berg, email: anna@example.com, updated_at: "2026-01-05T10:00:00Z" }
    expect: { customer_number: "7", name: { full: Anna Berg }, emails: [ { address: anna@example.com } ] }
)yaml";

constexpr const char* kConnection = R"(  @NAME@:                              # under `connections:`
    connector: @NAME@
    credentials: ${secret:@NAME@}
    settings: { url: "https://api.example.com/v1" }
    streams:
      records: { mapping: @NAME@/record, schedule: "*/15 * * * *" }
)";

std::string filled(const char* text, const std::string& name, const std::string& family = {}) {
    return replace_all(replace_all(text, "@NAME@", name), "@FAMILY@", family);
}

}  // namespace

std::vector<std::pair<std::filesystem::path, std::string>> connector_skeleton(const std::string& name,
                                                                              const std::string& family) {
    const auto folder = std::filesystem::path("connectors") / family / name;
    return {{folder / "connector.yaml", filled(kConnector, name, family)},
            {folder / "README.md", filled(kReadme, name)},
            {folder / "fixtures" / "records.yaml", filled(kFixture, name)},
            {std::filesystem::path("mappings") / name / "record.yaml", filled(kMapping, name)}};
}

std::string connection_lines(const std::string& name) {
    return filled(kConnection, name);
}

}  // namespace tributary::app
