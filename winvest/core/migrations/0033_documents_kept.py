"""ADV is asked each year about the documents kept for renewals (D.3.5-04)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0032_reasons_in_full'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='notification',
            name='notification_kind_known',
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('approval_asked', 'Approbation demandée'), ('opinion_asked', 'Avis demandé'), ('version_submitted', 'Version soumise'), ('approval_given', 'Approbation donnée'), ('approval_refused', 'Approbation refusée'), ('version_released', 'Version mise en production'), ('publication_planned', 'Publication planifiée'), ('publication_begun', 'Produit publié'), ('publication_ended', 'Fin de publication'), ('publication_late', 'Publication en retard'), ('sale_agreement', 'Accord de vente'), ('communication', 'Communication à faire'), ('lifecycle_planned', 'Changement de statut planifié'), ('product_frozen', 'Vente gelée'), ('product_retired', 'Produit retiré'), ('document_missing', 'Document manquant'), ('document_expiring', 'Document expirant'), ('document_altered', 'Document altéré'), ('document_deposited', 'Document déposé'), ('document_published', 'Document publié'), ('documents_archived', 'Documents archivés'), ('documents_kept', 'Documents à archiver'), ('integration_failed', "Erreur d'intégration")], max_length=24, verbose_name='nature'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['approval_asked', 'opinion_asked', 'version_submitted', 'approval_given', 'approval_refused', 'version_released', 'publication_planned', 'publication_begun', 'publication_ended', 'publication_late', 'sale_agreement', 'communication', 'lifecycle_planned', 'product_frozen', 'product_retired', 'document_missing', 'document_expiring', 'document_altered', 'document_deposited', 'document_published', 'documents_archived', 'documents_kept', 'integration_failed'])), name='notification_kind_known', violation_error_message="Cette valeur n'est pas dans la liste."),
        ),
    ]
