#!/bin/sh
# Creates Temporal's two databases, or brings them up to this image's version. May be repeated.
set -eu

schemas=/etc/temporal/schema/postgresql/v12
for pair in temporal:temporal temporal_visibility:visibility; do
  database=${pair%%:*}
  sql() {
    # The password comes from SQL_PASSWORD: arguments can be read by others.
    temporal-sql-tool --plugin postgres12 --ep temporal-db --port 5432 --user temporal \
      --db "$database" "$@"
  }
  sql create
  sql setup-schema -v 0.0
  sql update-schema -d "$schemas/${pair##*:}/versioned"
done
