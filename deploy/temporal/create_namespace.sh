#!/bin/sh
# Creates the namespace TEMPORAL_NAMESPACE at TEMPORAL_ADDRESS where it does not exist.
set -eu

describe() { temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; }

temporal operator cluster health
# A closed registration stays readable as long as one may wait for a person.
describe || temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
describe
