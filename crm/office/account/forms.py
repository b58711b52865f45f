from __future__ import annotations

from wtforms import ValidationError

from crm.web.forms import BaseForm, email, secret

DIFFERENT = "The two are not the same. Type the new password twice."


class ForgottenForm(BaseForm):
    email = email("E-mail", needed="Enter the address you sign in with.")


class ChooseForm(BaseForm):
    password = secret("New password", needed="Choose a password.")
    again = secret("The same once more", needed="Type the new password once more.")

    def validate_again(self, field: object) -> None:
        if self.password.data != self.again.data:
            raise ValidationError(DIFFERENT)


class ChangeForm(BaseForm):
    current = secret("Present password", needed="Enter the password you have now.")
    password = secret("New password", needed="Choose a password.")
    again = secret("The same once more", needed="Type the new password once more.")

    def validate_again(self, field: object) -> None:
        if self.password.data != self.again.data:
            raise ValidationError(DIFFERENT)
