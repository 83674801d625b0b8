//! Helpers of the integration tests: servers started and ended, the corpus, requests.
