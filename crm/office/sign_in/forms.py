from __future__ import annotations

from crm.web.forms import BaseForm, HiddenField, line, secret


class SignInForm(BaseForm):
    email = line("E-mail", needed="Enter your e-mail address.", most=320)
    password = secret("Password", needed="Enter your password.")
    next = HiddenField()
