.PHONY: run dev test check bench bench-browser seed

run:   ## Installs what is missing, builds, and serves on http://127.0.0.1:3000
	@scripts/run
dev:   ## Builds again and reloads the browser with every change
	@scripts/dev
test:  ## Everything: format, lints, Rust tests on both databases, the browser
	@scripts/test
check: ## The tests, and the licences and sources of what we depend on
	@scripts/check
bench: ## Measures against the baselines; writes docs/performance.md
	@scripts/bench
bench-browser: ## Measures the pages in Chromium; writes their section of docs/performance.md
	@scripts/bench-browser
seed:  ## Fills a running server with sample users and rooms
	@scripts/seed
