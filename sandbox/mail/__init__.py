"""A catcher of mail: takes everything over real SMTP, delivers nothing, shows it over HTTP."""
