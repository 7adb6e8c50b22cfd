"""Domain values → bytes that people's programs read: calendars, sheets. Knows neither store nor outside."""
