"""Who is on the register: cooperatives, consortia, companies; who speaks for them."""
